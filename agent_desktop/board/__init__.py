"""The wallboard: what is asked, counted and pushed."""
