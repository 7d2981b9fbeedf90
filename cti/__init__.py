"""The Asterisk bridge: turns what Asterisk says into business facts and makes Asterisk do what was decided."""
