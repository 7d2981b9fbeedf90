"""What the pages of segments share."""
