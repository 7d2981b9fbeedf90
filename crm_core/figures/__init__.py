"""What was counted of the history: stored per quarter of an hour and per day, each figure rebuildable from the rows."""
