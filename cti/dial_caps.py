"""How much is dialled out, by agents, campaigns and test calls: counted, refused, told. Pure.

A stolen login must not become a telephone bill. The limits are the site's: crm_core.lines.limits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from crm_core.errors import Refused
from crm_core.lines.limits import Limits

__all__ = [
    "CapHit",
    "DestinationTooOften",
    "DialCaps",
    "DialledTooOften",
    "Limits",
    "TooManyDestinations",
    "TooManyOutsideLegs",
]

MINUTE, HOUR = 60.0, 3_600.0
MOST_KEPT = 10_000


class DialledTooOften(Refused):
    def __init__(self, seconds: int) -> None:
        super().__init__("Too many outside calls in a short time. Try again in {seconds} s.", seconds=seconds)


class TooManyAtNight(Refused):
    def __init__(self, seconds: int) -> None:
        super().__init__("Too many outside calls for the night. Try again in {seconds} s.", seconds=seconds)


class TooManyOutsideLegs(Refused):
    def __init__(self) -> None:
        super().__init__("You have as many outside calls at once as one agent may have. End one first.")


class DestinationTooOften(Refused):
    def __init__(self) -> None:
        super().__init__("This number was called very often in the last hour. Ask your team leader.")


class TooManyDestinations(Refused):
    def __init__(self) -> None:
        super().__init__("Too many different numbers in an hour. Ask your team leader.")


@dataclass(frozen=True, slots=True)
class CapHit:
    """`who` is an agent's number, campaign/<id>, menu or test; `refusal` the error's name, `number` E.164 digits."""

    who: str
    number: str
    refusal: str
    at: float


def _day(_at: float) -> bool:
    return False


@dataclass(slots=True)
class DialCaps:
    """Counts what was dialled; asked before every outside leg, whoever it is for.

    `is_night` tells whether a time in seconds since 1970 is night at the site.
    """

    limits: Limits = field(default_factory=Limits)
    is_night: Callable[[float], bool] = _day
    _by_agent: dict[str, deque[tuple[float, str]]] = field(default_factory=dict)
    _by_number: dict[str, deque[tuple[float, str]]] = field(default_factory=dict)

    def allow(self, agent: str, number: str, at: float, *, live: int) -> None:
        """Count this call, or refuse it and count nothing. `live` are the agent's outside legs now."""
        if live >= self.limits.at_once:
            raise TooManyOutsideLegs
        dialled, called = _recent(self._by_agent, agent, at), _recent(self._by_number, number, at)
        self._require_slow(dialled, at)
        if len(called) >= self.limits.same_number_in_an_hour:
            raise DestinationTooOften
        numbers = {then for _, then in dialled}
        if self.limits.distinct_in_an_hour and len(numbers | {number}) > self.limits.distinct_in_an_hour:
            raise TooManyDestinations
        dialled.append((at, number))
        called.append((at, agent))

    def _require_slow(self, dialled: deque[tuple[float, str]], at: float) -> None:
        last_minute = [then for then, _ in dialled if then > at - MINUTE]
        if len(last_minute) >= self.limits.in_a_minute:
            raise DialledTooOften(_seconds(last_minute[-self.limits.in_a_minute] + MINUTE - at))
        if len(dialled) >= self.limits.in_an_hour:
            raise DialledTooOften(_seconds(dialled[0][0] + HOUR - at))
        most = self.limits.at_night_in_an_hour
        if most and len(dialled) >= most and self.is_night(at):
            raise TooManyAtNight(_seconds(dialled[-most][0] + HOUR - at))


def _recent(calls: dict[str, deque[tuple[float, str]]], key: str, at: float) -> deque[tuple[float, str]]:
    if len(calls) > MOST_KEPT:
        for other in [other for other, times in calls.items() if not times or times[-1][0] <= at - HOUR]:
            del calls[other]
    times = calls.setdefault(key, deque())
    while times and times[0][0] <= at - HOUR:
        times.popleft()
    return times


def _seconds(wait: float) -> int:
    return max(1, round(wait + 0.5))
