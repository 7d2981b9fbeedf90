"""Campaigns: who is to be called, why, what came of each attempt, and who was not called and for which reason."""
