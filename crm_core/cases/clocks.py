"""How long a case may take: minutes by kind and level, counted around the clock or by a working calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from crm_core.workforce.opening_hours import OpeningHours

HOUR, DAY = 60, 1440  # minutes
CELLS = 7  # of the clock on every page: one a day for a complaint of seven days


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """Times in minutes; 0 = no such clock. "" as a calendar = around the clock, else the id of a site's calendar.

    `respond_calendar` also counts the stages. `remind` holds how long before the end the owner is reminded,
    `escalate` how long after it the owner, the team's leader, the supervisor and the regional manager are told.
    `pauses` maps an allowed reason to the longest pause in hours.
    """

    respond: int = 0
    solve: int = 0
    respond_calendar: str = ""
    solve_calendar: str = ""
    remind: tuple[int, ...] = ()
    escalate: tuple[int, ...] = ()
    stages: Mapping[str, int] = field(default_factory=dict)
    pauses: Mapping[str, int] = field(default_factory=dict)


def add_time(at: datetime, minutes: int, hours: OpeningHours | None) -> datetime:
    """The time `minutes` after `at`; with `hours` only open minutes count. Aware UTC.

    A calendar that is never open counts around the clock: better a strict clock than none.
    """
    if hours is None:
        return at + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = at.astimezone(hours.zone).date()
    for ahead in range(800):
        for begins, ends in _spans(hours, day + timedelta(days=ahead)):
            start = max(begins, at)
            if ends <= start:
                continue
            if start + left <= ends:
                return start + left
            left -= ends - start
    return at + timedelta(minutes=minutes)


def open_time(start: datetime, end: datetime, hours: OpeningHours | None) -> timedelta:
    """How much counted time lies in [start, end)."""
    if end <= start:
        return timedelta()
    if hours is None:
        return end - start
    total, day = timedelta(), start.astimezone(hours.zone).date()
    while day <= end.astimezone(hours.zone).date():
        for begins, ends in _spans(hours, day):
            total += max(min(ends, end) - max(begins, start), timedelta())
        day += timedelta(days=1)
    return total


def cells_used(began: datetime, due: datetime | None, now: datetime) -> int:
    """How many of the seven cells are full, the present one included; 7 when over or nearly so, 0 without a clock."""
    if due is None or due <= began:
        return 0
    share = (now - began) / (due - began)
    return min(CELLS, max(1, int(share * CELLS) + 1)) if share >= 0 else 0


def cell_colour(used: int, due: datetime | None, now: datetime) -> str:
    """grey to the fourth cell, yellow from the fifth, red when over."""
    if due is not None and now > due:
        return "over"
    return "late" if used >= 5 else "calm"


def _spans(hours: OpeningHours, day: date) -> list[tuple[datetime, datetime]]:
    midnight = datetime.combine(day, time(), hours.zone)
    return [
        (
            (midnight + timedelta(minutes=span.begins)).astimezone(UTC),
            (midnight + timedelta(minutes=span.ends)).astimezone(UTC),
        )
        for span in hours.on(day)
    ]
