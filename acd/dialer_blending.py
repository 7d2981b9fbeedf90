"""How many free agents a campaign leaves to inbound callers, so that those are served as promised."""

from __future__ import annotations

from collections.abc import Collection
from math import exp, sqrt
from typing import NamedTuple

from acd.model import Instant

MEMORY = 900.0
"""Seconds after which what was seen of inbound callers counts less, by e."""
FIRST_HANDLING = 140.0


class ServiceTarget(NamedTuple):
    """`share` of the callers (0 to 1) shall have an agent within `seconds`."""

    share: float = 0.8
    seconds: float = 20.0


def kept_free(agents: int, rate: float, handling: float, target: ServiceTarget) -> int:
    """The least number of free agents that no line may count on; all of them when the target is out of reach anyway.

    `rate` inbound callers a second reach these `agents`, each of whom a call takes for `handling` seconds.
    Of the policies that dial when more than so many are free none does better with equal handling times (S. Bhulai,
    G. Koole, "A queueing model for call blending in call centers", IEEE Trans. Automatic Control 48 (2003)): with an
    endless list never fewer than agents - kept are busy, so the number of those who are, or wait, is a birth-death
    process from there on, and P(wait > t) = P(all busy) * exp(-(agents / handling - rate) * t).
    """
    if rate <= 0 or agents < 1:
        return 0
    load, spare = rate * handling / agents, agents / handling - rate
    if load >= 1:
        return agents
    late = exp(-spare * target.seconds)
    some_free, all_busy = 0.0, 1.0  # weights of the states, that of the one with fewest busy agents = 1
    for kept in range(agents + 1):
        if kept:
            more = rate * handling / (agents - kept + 1)
            some_free, all_busy = some_free * more + 1.0, all_busy * more
        waits = all_busy / (1 - load)
        if waits / (some_free + waits) * late <= 1 - target.share:
            return kept
    return agents


class InboundLoad:
    """What the agents of a campaign do for inbound callers, seen by looking again and again."""

    def __init__(self) -> None:
        self._seen: frozenset[str] = frozenset()
        self._began: Instant | None = None
        self._at: Instant = 0.0
        self._came, self._busy_seconds, self._weight = 0.0, 0.0, 0.0

    def look(self, at: Instant, calls: Collection[str]) -> None:
        """These are the calls, none of them a campaign's, that the agents have at this moment, after-call work too."""
        now = frozenset(calls)
        if self._began is None:
            self._began = self._at = at
            self._seen = now
            return
        passed = max(at - self._at, 0.0)
        kept = exp(-passed / MEMORY)
        self._came = self._came * kept + len(now - self._seen)
        self._busy_seconds = self._busy_seconds * kept + len(self._seen) * passed
        self._weight = self._weight * kept + passed
        self._at, self._seen = at, now

    @property
    def rate(self) -> float:
        """Callers in a second who came to these agents, on the safe side by one standard error."""
        if self._weight <= 0 or self._came <= 0:
            return 0.0
        return (self._came + sqrt(self._came)) / max(self._weight, 60.0)

    @property
    def handling(self) -> float:
        """Seconds that one of them takes an agent, with a few of a first guess."""
        return (self._busy_seconds + 3 * FIRST_HANDLING) / (self._came + 3)
