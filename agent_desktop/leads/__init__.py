"""What the pages of leads share."""
