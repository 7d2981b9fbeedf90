"""What agents did, counted into quarters of an hour in whole microseconds: any order, any cut, the same sum. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from crm_core.figures.quarters import LONGEST_STINT, QUARTER, microseconds, quarter_of
from crm_core.history.events import Direction
from reports.counts import AgentTimes

MICROSECONDS = 1_000_000
_SLOT = QUARTER // timedelta(microseconds=1)

STATE_FIELDS = {
    "ready": "ready",
    "ringing": "ringing",
    "talking": "talking",
    "hold": "hold",
    "wrap_up": "wrap_up",
    "break": "pause",
}
"""Where the time of a state of crm_core.history.model.AgentStint is kept; of other states none is."""

OWN_ACTS = frozenset({"dialled", "outbound", "picked_up", "take_over"})
"""`Leg.why` of a leg that its agent began: nobody offered it."""
MISSED = frozenset({"no_answer", "declined"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFigures:
    """What an agent did in a time: seconds in each state, cut at its edges, and counts.

    An offer counts when it was made, a talk when it ended. `offered` leaves out what the agent began, `missed` of it
    was declined or not answered, `handled` are talks in and out, `outbound` of them calls the site made.
    """

    ready: float = 0.0
    ringing: float = 0.0
    talking: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    pause: float = 0.0
    offered: int = 0
    missed: int = 0
    handled: int = 0
    outbound: int = 0

    def __add__(self, other: AgentFigures) -> AgentFigures:
        return together((self, other))

    @property
    def signed_in(self) -> float:
        return self.ready + self.ringing + self.talking + self.hold + self.wrap_up + self.pause

    @property
    def times(self) -> AgentTimes:
        """What reports.metrics.AGENT_METRICS are made of; ringing is idle, breaks are in none."""
        return AgentTimes(
            talk=self.talking,
            hold=self.hold,
            wrap_up=self.wrap_up,
            idle=self.ready + self.ringing,
            handled=self.handled,
        )


AGENT_FIELDS = tuple(field.name for field in fields(AgentFigures))
_TIMES = 6  # so many of them are times, which a tally keeps in microseconds
TIME_FIELDS = AGENT_FIELDS[:_TIMES]
_OFFERED, _MISSED, _HANDLED, _OUTBOUND = range(_TIMES, len(AGENT_FIELDS))
_STATE_PLACES = {state: AGENT_FIELDS.index(name) for state, name in STATE_FIELDS.items()}


_VALUES = attrgetter(*AGENT_FIELDS)


def together(many: Iterable[AgentFigures]) -> AgentFigures:
    """The sum of many; an hour of a month adds up a hundred agents 744 times."""
    sums = map(sum, zip(*map(_VALUES, many), strict=True))
    return AgentFigures(**dict(zip(AGENT_FIELDS, sums, strict=False)))  # of nobody there is nothing


class AgentTallies(dict[tuple[int, str], list[int]]):
    """(quarter, agent) -> whole numbers in the order of AGENT_FIELDS, for the quarters in [first, last)."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.first, self.last = first, last

    def stint(self, agent: str, state: str, began: datetime, ended: datetime) -> None:
        """A state from `began` to `ended`, each quarter its part."""
        place = _STATE_PLACES.get(state)
        if place is None or ended - began > LONGEST_STINT:
            return
        start, end = microseconds(began), microseconds(ended)
        slot = max(start // _SLOT, self.first)
        while slot < self.last and slot * _SLOT < end:
            spent = min(end, (slot + 1) * _SLOT) - max(start, slot * _SLOT)
            if spent:
                self._of(slot, agent)[place] += spent
            slot += 1

    def leg(
        self,
        agent: str,
        *,
        why: str,
        queue: str,
        direction: str,
        offered: datetime,
        answered: datetime | None,
        ended: datetime | None,
        result: str,
    ) -> None:
        """One leg of an agent; `direction` is its contact's."""
        outbound = direction == Direction.OUTBOUND
        if why not in OWN_ACTS and not (outbound and not queue) and self.first <= quarter_of(offered) < self.last:
            tally = self._of(quarter_of(offered), agent)
            tally[_OFFERED] += 1
            tally[_MISSED] += result in MISSED
        if answered is not None and ended is not None and self.first <= quarter_of(ended) < self.last:
            tally = self._of(quarter_of(ended), agent)
            tally[_HANDLED] += 1
            tally[_OUTBOUND] += outbound

    def _of(self, slot: int, agent: str) -> list[int]:
        found = self.get((slot, agent))
        if found is None:
            found = self[slot, agent] = [0] * len(AGENT_FIELDS)
        return found


def agent_figures(numbers: Sequence[int]) -> AgentFigures:
    """Back from whole numbers in the order of AGENT_FIELDS."""
    figures: dict[str, Any] = dict(zip(AGENT_FIELDS, numbers, strict=True))
    for name in TIME_FIELDS:
        figures[name] /= MICROSECONDS
    return AgentFigures(**figures)


def stored_times(numbers: Sequence[int]) -> dict[str, float]:
    """The same by name, as a row keeps them."""
    return {
        name: number / MICROSECONDS if place < _TIMES else number
        for place, (name, number) in enumerate(zip(AGENT_FIELDS, numbers, strict=True))
    }


def whole_times(stored: Sequence[float]) -> list[int]:
    """What a row keeps, in the order of AGENT_FIELDS, as whole numbers: their sums are exact."""
    return [*(round(value * MICROSECONDS) if value else 0 for value in stored[:_TIMES]), *map(int, stored[_TIMES:])]
