"""A recording as evidence: one file that proves by itself that nothing in it was changed since it was made."""
