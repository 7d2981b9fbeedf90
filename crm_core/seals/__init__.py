"""The seals of recordings: for each form a recording took, its checksums in a chain that shows every later change."""
