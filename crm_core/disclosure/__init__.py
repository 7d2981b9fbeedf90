"""Recordings that leave the house: whom one was shared with, and evidence packages."""
