"""Menus as versions: what callers meet is a published text, and any earlier one can be published again."""
