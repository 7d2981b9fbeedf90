"""How long to wait before a process that ended is started again."""

from __future__ import annotations

LONGEST_RESTART_PAUSE = 30.0
FORGIVEN_DEATHS = 8
STEADY_SECONDS = 5  # what lived as long did not die of its start: callers wait, it comes back at once


def restart_pause(early_deaths: int) -> float:
    """Seconds before the next start. Callers wait, so the first few are at once; a start that fails on is slowed."""
    return (
        0.05 if early_deaths <= FORGIVEN_DEATHS else min(2.0 ** (early_deaths - FORGIVEN_DEATHS), LONGEST_RESTART_PAUSE)
    )
