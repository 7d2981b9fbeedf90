"""Every screen and the public API: agents, supervisors, visitors."""
