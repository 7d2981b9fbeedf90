"""Voice messages on the screen: their words, and what the page of one shows."""
