"""How sure we are that a number is a nuisance: 0 to 100, by how many said so, who, and how long ago. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HALF_LIFE = timedelta(days=30)  # after it a mark counts half: numbers are given to other people
OF_ONE_MARK = 20.0  # of an agent, fresh
MOST = 100
LOW_PRIORITY, SHORT_MESSAGE = 20, 50
"""From these scores on: behind the others in the queue; a short message instead of the menu."""
AGENT, LEADER, SUPERVISOR = 1, 2, 4
"""What the word of such a person counts."""
REASONS = ("silent", "abusive", "prank", "advertising", "repeated", "other")


@dataclass(frozen=True, slots=True)
class Counted:
    """A mark that was not taken back."""

    by: str
    weight: int
    at: datetime


def score(marks: Iterable[Counted], now: datetime) -> int:
    """Each person counts with their strongest mark of now: whoever marks ten calls of one evening said it once."""
    strongest: dict[str, float] = {}
    for mark in marks:
        strongest[mark.by] = max(strongest.get(mark.by, 0.0), _now_worth(mark, now))
    return min(MOST, int(sum(strongest.values()) + 0.5))


def has_supervisors_word(marks: Iterable[Counted]) -> bool:
    return any(mark.weight >= SUPERVISOR for mark in marks)


def effective(marks: Iterable[Counted], now: datetime, *, has_open_case: bool) -> int:
    """What the menu may act on: a customer whose case is open is heard, unless a supervisor has said otherwise."""
    counted = tuple(marks)
    return 0 if has_open_case and not has_supervisors_word(counted) else score(counted, now)


def _now_worth(mark: Counted, now: datetime) -> float:
    age = max(now - mark.at, timedelta())
    return float(mark.weight * OF_ONE_MARK * 0.5 ** (age / HALF_LIFE))
