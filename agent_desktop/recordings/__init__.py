"""One recording with all that stands around it, and the list in which it is found."""
