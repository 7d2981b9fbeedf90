"""What people are told of work that waits, beside cases: voice messages, low scores."""
