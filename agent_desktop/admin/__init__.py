"""What the pages of administrators share: forms, words, what a save changed."""
