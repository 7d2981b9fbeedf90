"""What the pages' scripts ask for, as JSON."""
