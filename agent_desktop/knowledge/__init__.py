"""What the pages of articles share."""
