"""Persons and companies, their numbers, and how a caller is recognised."""
