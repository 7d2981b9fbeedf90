"""A site's records go from SQLite to PostgreSQL: all of them, or none."""
