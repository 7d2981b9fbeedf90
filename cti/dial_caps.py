"""How much an agent may dial out: a stolen login must not become a telephone bill. Pure.

The figures are the site's own (design goals, S3): far above what a person does by hand, far below what a script would.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from crm_core.errors import Refused

MINUTE, HOUR = 60.0, 3_600.0


class DialledTooOften(Refused):
    def __init__(self, seconds: int) -> None:
        super().__init__("Too many outside calls in a short time. Try again in {seconds} s.", seconds=seconds)


class TooManyOutsideLegs(Refused):
    def __init__(self) -> None:
        super().__init__("You have as many outside calls at once as one agent may have. End one first.")


class DestinationTooOften(Refused):
    def __init__(self) -> None:
        super().__init__("This number was called very often in the last hour. Ask your team leader.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Per agent: calls in a minute and in an hour, outside legs at once; of all: calls to one number in an hour."""

    in_a_minute: int = 6
    in_an_hour: int = 90
    at_once: int = 4
    same_number_in_an_hour: int = 12


@dataclass(slots=True)
class DialCaps:
    """Counts what was dialled; asked before every outside leg, whoever it is for."""

    limits: Limits = field(default_factory=Limits)
    _by_agent: dict[str, deque[float]] = field(default_factory=dict)
    _by_number: dict[str, deque[float]] = field(default_factory=dict)

    def allow(self, agent: str, number: str, at: float, *, live: int) -> None:
        """Count this call, or refuse it and count nothing. `live` are the agent's outside legs now."""
        if live >= self.limits.at_once:
            raise TooManyOutsideLegs
        dialled, called = _recent(self._by_agent, agent, at), _recent(self._by_number, number, at)
        last_minute = [then for then in dialled if then > at - MINUTE]
        if len(last_minute) >= self.limits.in_a_minute:
            raise DialledTooOften(_seconds(last_minute[-self.limits.in_a_minute] + MINUTE - at))
        if len(dialled) >= self.limits.in_an_hour:
            raise DialledTooOften(_seconds(dialled[0] + HOUR - at))
        if len(called) >= self.limits.same_number_in_an_hour:
            raise DestinationTooOften
        dialled.append(at)
        called.append(at)


def _recent(calls: dict[str, deque[float]], key: str, at: float) -> deque[float]:
    if len(calls) > 10_000:
        for other in [other for other, times in calls.items() if not times or times[-1] <= at - HOUR]:
            del calls[other]
    times = calls.setdefault(key, deque())
    while times and times[0] <= at - HOUR:
        times.popleft()
    return times


def _seconds(wait: float) -> int:
    return max(1, round(wait + 0.5))
