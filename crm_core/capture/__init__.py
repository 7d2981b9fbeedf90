"""What of a call is recorded: the site's setting."""
