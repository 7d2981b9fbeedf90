"""How often a customer was disturbed: claimed touches and outgoing calls, what is both counted once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

CALL_WITHIN = timedelta(hours=2)
"""A telephone touch claims the call that follows: an outgoing call within this time is the same attempt."""


def attempts(phone: Iterable[datetime], others: Iterable[datetime], calls: Iterable[datetime]) -> tuple[datetime, ...]:
    """The times of all attempts, in order. `phone` and `others` are touches, `calls` outgoing calls of the history.

    Each touch stands for at most one call: a second call after one claim is a second attempt.
    """
    waiting = sorted(phone)
    counted = [*waiting, *others]
    for call in sorted(calls):
        match = next((touch for touch in waiting if touch <= call <= touch + CALL_WITHIN), None)
        if match is None:
            counted.append(call)
        else:
            waiting.remove(match)
    return tuple(sorted(counted))
