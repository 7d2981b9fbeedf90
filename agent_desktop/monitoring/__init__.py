"""Figures for Prometheus: counted from the feed, and read at the moment when they are asked for."""
