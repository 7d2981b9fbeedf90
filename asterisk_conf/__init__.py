"""Templates of every Asterisk file, and how to get, start and reload Asterisk."""
