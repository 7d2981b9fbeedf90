"""What other systems get to know and may ask: events, keys, webhooks."""
