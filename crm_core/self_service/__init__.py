"""What callers do for themselves in the menu: who they proved to be, what they heard and asked for, where they are."""
