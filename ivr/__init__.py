"""Menus as data: what a caller hears and where the keys lead."""
