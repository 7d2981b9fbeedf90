"""What the call centre counts: every figure defined once, the questions to the database, the wallboard."""
