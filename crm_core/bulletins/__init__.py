"""Weekly reports and news flashes for the management (B-36): drafted from the figures, edited and sent by a person."""
