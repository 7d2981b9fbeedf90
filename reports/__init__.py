"""What the call centre's history adds up to: metrics, queries, the wallboard."""
