"""Opening hours: a table of weekdays, and days that differ from it. Reads no clock; the time is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_core.workforce.spans import DAY


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` until just before `ends`, in minutes of the day; 1440 = midnight at the end of the day."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """`week` holds seven days, Monday first; `days` overrules it: () = closed all day (holiday), a swapped workday."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether the hotline is staffed at the aware time `at`. ValueError for a naive one."""
        if at.tzinfo is None:
            raise ValueError(f"naive time {at!r}: opening hours need an aware one")
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(span.begins <= minute < span.ends for span in self.on(local.date()))

    def on(self, day: date) -> tuple[Span, ...]:
        return self.days.get(day, self.week[day.weekday()])

    def changes_next(self, at: datetime) -> datetime | None:
        """When `is_open` next becomes something else, in the site's zone; None when it does not within a year.

        Open until midnight and again from midnight on is no change.
        """
        local = at.astimezone(self.zone)
        now = self.is_open(at)
        for ahead in range(367):
            day = local.date() + timedelta(days=ahead)
            midnight = datetime.combine(day, time(), self.zone)
            edges = sorted({0, *(minute for span in self.on(day) for minute in (span.begins, span.ends))} - {DAY})
            for minute in edges:
                edge = midnight + timedelta(minutes=minute)
                if edge > local and self.is_open(edge) is not now:
                    return edge
        return None

    def opens_next(self, at: datetime) -> datetime | None:
        """The next beginning of a span after `at`, in the site's zone; None when none comes within a year."""
        local = at.astimezone(self.zone)
        for ahead in range(367):
            day = local.date() + timedelta(days=ahead)
            for span in self.on(day):
                begins = datetime.combine(day, time(), self.zone) + timedelta(minutes=span.begins)
                if begins > local:
                    return begins
        return None


def calendar_hours(
    zone: ZoneInfo,
    week: Sequence[Sequence[Sequence[int]]],
    days: Iterable[tuple[date, str, int, Sequence[Sequence[int]]]],
) -> OpeningHours:
    """The hours of a calendar kept in the records.

    `days` are (day, kind, weekday, spans): a "holiday" is closed; a "workday" (调休, a weekend day worked for a
    holiday) has the hours of that weekday, 0 = Monday; "hours" has its own spans.
    """
    table = tuple(spans_of(day) for day in week)
    special = {}
    for day, kind, weekday, spans in days:
        special[day] = () if kind == "holiday" else table[weekday] if kind == "workday" else spans_of(spans)
    return OpeningHours(zone=zone, week=table, days=special)


def spans_of(spans: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    return tuple(Span(begins, ends) for begins, ends in spans)
