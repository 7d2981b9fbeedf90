"""Everything that is held of one customer, for the customer (PIPL article 45, GDPR article 15 and 20)."""
