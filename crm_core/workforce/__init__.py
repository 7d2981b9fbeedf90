"""Queues, teams, agents and their skills, break reasons."""
