"""The routing engine, proven without a telephone."""
