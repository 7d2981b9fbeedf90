"""What the pages of contacts share."""
