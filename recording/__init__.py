"""Recordings: where the files lie, who may hear them, how they are shown."""
