"""People, vehicles, dealers, cases and the history of every contact. Imports no other room."""
