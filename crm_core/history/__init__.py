"""Every contact, its legs and its one outcome, written from the feed."""
