"""Figures, and the wallboard against the database."""
