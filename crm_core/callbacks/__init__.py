"""What callers leave behind who do not stay on the line: places to be called back for, and voice messages."""
