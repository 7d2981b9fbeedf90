"""Dealers and service stations."""
