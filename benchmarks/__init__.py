"""Measurements against peers, each a module with `run(full) -> dict` in the form of `hotline bench NAME --json`."""
