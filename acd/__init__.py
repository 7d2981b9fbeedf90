"""Automatic call distribution: who waits, who is free, who gets whom. No file in this room does I/O."""
