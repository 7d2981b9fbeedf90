"""Users, roles, sessions and the audit log."""
