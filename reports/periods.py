"""The time a report is about: days of the site, cut into steps. Pure; a day of a clock change has 23 or 25 hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Step(StrEnum):
    QUARTER = "15"
    HALF_HOUR = "30"
    HOUR = "60"
    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


class Compare(StrEnum):
    """What a period is compared with."""

    NOTHING = ""
    BEFORE = "before"  # as many days, directly before
    WEEK = "week"  # the same weekdays a week ago, or as many weeks ago as the period is long
    YEAR = "year"  # 52 weeks ago: the same weekdays


LONGEST_DAYS = {
    Step.QUARTER: 31,
    Step.HALF_HOUR: 31,
    Step.HOUR: 92,
    Step.DAY: 1100,
    Step.WEEK: 2200,
    Step.MONTH: 4400,
}
"""More steps than these make no readable table, and no answer in the time promised."""


class PeriodProblem(ValueError):
    """`code` is end_before_start, too_long or no_day; `days` the most days this step can show."""

    def __init__(self, code: str, days: int = 0) -> None:
        super().__init__(code)
        self.code, self.days = code, days


class Span(NamedTuple):
    """One step of a period: [start, end) in aware UTC, and the first day of the site it belongs to."""

    start: datetime
    end: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days from `first` to `last`, both included. Raises PeriodProblem when that is no period."""

    first: date
    last: date
    step: Step
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodProblem("end_before_start")
        if self.days > LONGEST_DAYS[self.step]:
            raise PeriodProblem("too_long", LONGEST_DAYS[self.step])
        if not self.first.year >= 2000 or not self.last.year <= 2100:
            raise PeriodProblem("no_day")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The first instant, aware UTC."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it, aware UTC."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def by_days(self) -> bool:
        """Whether every step is made of whole days."""
        return self.step in (Step.DAY, Step.WEEK, Step.MONTH)

    def spans(self) -> list[Span]:
        """Every step in order, without gap; the first and the last week or month may be cut by the period."""
        return self._day_spans() if self.by_days else self._clock_spans()

    def compared(self, compare: Compare) -> Period | None:
        """The earlier period of the same length, or None for NOTHING."""
        if compare is Compare.NOTHING:
            return None
        weeks = -(-self.days // 7)
        back = {Compare.BEFORE: self.days, Compare.WEEK: 7 * weeks, Compare.YEAR: 364 * max(1, -(-self.days // 364))}
        earlier = timedelta(days=back[compare])
        return replace(self, first=self.first - earlier, last=self.last - earlier)

    def _clock_spans(self) -> list[Span]:
        spans = []
        minutes = timedelta(minutes=int(self.step))
        at = self.start
        while at < self.end:
            spans.append(Span(at, at + minutes, at.astimezone(self.zone).date()))
            at += minutes
        return spans

    def _day_spans(self) -> list[Span]:
        spans, day = [], self.first
        while day <= self.last:
            following = min(_next(day, self.step), self.last + timedelta(days=1))
            spans.append(Span(midnight(day, self.zone), midnight(following, self.zone), day))
            day = following
        return spans


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day of the site begins, aware UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next(day: date, step: Step) -> date:
    if step is Step.WEEK:
        return day + timedelta(days=7 - day.weekday())
    if step is Step.MONTH:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=1)
