"""Files that people attached: kept once, by content, outside the database."""
