"""What a customer is to us: class, stage of life, recency, frequency, value, risk; and saved filters over all of it."""
