"""What callers did in a version of a menu, as the editor draws it and the list of nodes tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.words import N_
from crm_core import clock
from crm_core.errors import Invalid
from ivr.flow import Flow
from ivr.served import people_nodes, served_nodes
from reports.menu_path_queries import path_counts
from reports.menu_paths import NodeCount, PathCount

PERIODS = (1, 7, 30, 90)  # days
LONGEST = 366
_MOST_KEPT = 64

COLUMNS: Mapping[str, tuple[str, Callable[[NodeCount], float]]] = {
    "entered": (N_("Entered"), lambda one: one.entered),
    "calls": (N_("Calls there"), lambda one: one.calls),
    "left": (N_("Went on"), lambda one: one.left),
    "hung_up": (N_("Hung up"), lambda one: one.hung_up),
    "hang_up_rate": (N_("Hang-up rate"), lambda one: one.hang_up_rate),
    "gave_up": (N_("Of them without help"), lambda one: one.gave_up),
    "seconds": (N_("Seconds there"), lambda one: one.seconds),
    "served": (N_("Served by the menu"), lambda one: one.served),
    "self_service_rate": (N_("Self-service rate"), lambda one: one.self_service_rate),
}
"""Of the list of nodes: heading, and what it sorts by."""

RATES = frozenset({"hang_up_rate", "self_service_rate"})


@dataclass
class PathFigures:
    """Counts that are a minute old at most: who goes from node to node in the editor waits for them once.

    One for a process; counting a month of a busy hotline takes most of a second.
    """

    _kept: dict[tuple[Any, ...], PathCount] = field(default_factory=dict)

    async def of(self, session: AsyncSession, flow: Flow, version: int, days: tuple[datetime, datetime]) -> PathCount:
        """Of the calls that came in this time."""
        served, people = served_nodes(flow), people_nodes(flow)
        minute = clock.now().replace(second=0, microsecond=0)
        key = (flow.name, version, *days, served, people, minute)
        found = self._kept.get(key)
        if found is None:
            found = await path_counts(session, flow.name, version, *days, served_by=served, people=people)
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = found
        return found


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the site, both included."""

    first: date
    last: date

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(self.last + timedelta(days=1), time(), zone),
        )


def period_of(first: str, last: str, days: int, today: date) -> Period:
    """The days asked for, else the last `days` with today among them. Raises Invalid."""
    try:
        end = date.fromisoformat(last) if last else today
        begin = date.fromisoformat(first) if first else end - timedelta(days=days - 1)
    except (ValueError, OverflowError):
        raise Invalid("These are no days: write them as 2026-11-26.", field="first") from None
    if not timedelta() <= end - begin < timedelta(days=LONGEST) or end.year > 9000:
        raise Invalid("The first day comes before the last, at most {limit} days.", limit=LONGEST, field="first")
    return Period(begin, end)


def in_order(nodes: Sequence[NodeCount], column: str, *, rising: bool) -> list[NodeCount]:
    """By a column of `COLUMNS`, else by the name of the node."""
    known = COLUMNS.get(column)
    if known is None:
        return sorted(nodes, key=lambda one: one.node, reverse=not rising)
    return sorted(nodes, key=lambda one: (known[1](one) if rising else -known[1](one), one.node))
