"""The dialer as a process of its own that is killed again and again, beside a line that outlives it."""
