"""The agent's desk: what is read for it, how its regions are drawn, what is pushed to it."""
