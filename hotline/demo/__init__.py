"""The living demo: simulated customers and agents who use real SIP, and real recorded speech."""
