"""Backups of a site: taken beside running calls, checked, and brought back on an empty machine (decision 0058)."""
