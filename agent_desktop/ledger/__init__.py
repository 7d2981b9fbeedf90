"""The ledger's page: a month of days, one day as an equation, and what does not agree in words."""
