"""The ledger: what was checked of each day, and what did not agree."""
