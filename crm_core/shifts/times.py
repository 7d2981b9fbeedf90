"""A shift as hours of the clock: its work and breaks, its length, how it is typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 1440
LONGEST = 16 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Minutes of the site's day `day`; over 1440 = the next day. Breaks lie inside, in order, and do not overlap."""

    agent: str
    day: date
    kind: str
    begins: int
    ends: int
    breaks: tuple[tuple[int, int], ...] = ()

    @property
    def paid_minutes(self) -> int:
        """Without breaks of half an hour and more, as Chinese law counts them: a meal is no working time."""
        return self.ends - self.begins - sum(ends - begins for begins, ends in self.breaks if ends - begins >= 30)

    def stretches(self) -> Iterator[tuple[int, int, bool]]:
        """(begins, ends, is work) in order and without gap, in minutes."""
        at = self.begins
        for begins, ends in self.breaks:
            if at < begins:
                yield at, begins, True
            yield begins, ends, False
            at = ends
        if at < self.ends:
            yield at, self.ends, True


class Stay(NamedTuple):
    """[starts, ends) in aware UTC: work, or a break of the plan."""

    starts: datetime
    ends: datetime
    is_work: bool


def stays(shift: Shift, zone: ZoneInfo) -> list[Stay]:
    """The shift as instants; a clock change lengthens or shortens what lies across it."""
    return [
        Stay(instant(shift.day, begins, zone), instant(shift.day, ends, zone), is_work)
        for begins, ends, is_work in shift.stretches()
    ]


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the clock of the site shows so many minutes of the day, aware UTC."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_days(monday: date) -> tuple[date, ...]:
    return tuple(monday + timedelta(days=ahead) for ahead in range(7))


def clock(minute: int) -> str:
    """As the clock shows it: 510 is 08:30, and 1530 is 01:30 of the next day."""
    return "24:00" if minute == DAY else f"{minute // 60 % 24:02}:{minute % 60:02}"


def ordered(breaks: Iterable[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((int(begins), int(ends)) for begins, ends in breaks))
