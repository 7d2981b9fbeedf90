"""A month of a calendar as weeks of days, and whether the hotline is open now. Pure: the time is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_core.workforce.opening_hours import OpeningHours, calendar_hours
from crm_core.workforce.spans import write_spans
from crm_core.workforce.versions import State


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """One day of the month view. `kind` "" = as the week has it; `hours` "" = closed."""

    day: date
    in_month: bool
    is_today: bool
    kind: str
    name: str
    as_weekday: int
    hours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """`changes_at` None = it stays so for a year."""

    is_open: bool
    changes_at: datetime | None


def hours_of_state(state: State, zone: ZoneInfo) -> OpeningHours:
    days = [(date.fromisoformat(one["day"]), one["kind"], one["as_weekday"], one["spans"]) for one in state["days"]]
    return calendar_hours(zone, state["week"], days)


def now_of(state: State, zone: ZoneInfo, at: datetime) -> Now:
    hours = hours_of_state(state, zone)
    return Now(is_open=hours.is_open(at), changes_at=hours.changes_next(at))


def month_of(text: str, today: date) -> date:
    """The first of the month "2026-10"; of this month when it cannot be read."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def month_weeks(state: State, zone: ZoneInfo, first: date, today: date) -> list[list[DayCell]]:
    """Whole weeks from Monday to Sunday that cover the month."""
    hours = hours_of_state(state, zone)
    special: Mapping[str, State] = {one["day"]: one for one in state["days"]}
    start = first - timedelta(days=first.weekday())
    weeks = []
    while start.month == first.month or start <= first:
        weeks.append([_cell(start + timedelta(days=ahead), first, today, hours, special) for ahead in range(7)])
        start += timedelta(days=7)
    return weeks


def _cell(day: date, first: date, today: date, hours: OpeningHours, special: Mapping[str, State]) -> DayCell:
    one = special.get(day.isoformat(), {})
    return DayCell(
        day=day,
        in_month=day.month == first.month,
        is_today=day == today,
        kind=one.get("kind", ""),
        name=one.get("name", ""),
        as_weekday=one.get("as_weekday", 0),
        hours=write_spans([[span.begins, span.ends] for span in hours.on(day)]),
    )


def neighbours(first: date) -> tuple[str, str]:
    """The months before and after, as the address writes them."""
    before, after = first - timedelta(days=1), first + timedelta(days=32)
    return f"{before:%Y-%m}", f"{after:%Y-%m}"
