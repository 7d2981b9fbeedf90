"""systemd units, see hotline.units.rendering."""
