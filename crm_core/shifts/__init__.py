"""Shifts: their kinds, who works when, leave and swaps."""
