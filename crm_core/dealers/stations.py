"""A station's opening hours and how far it is. Reads no clock and no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from math import asin, cos, isfinite, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius, IUGG
DAY = 24 * 60
AHEAD_DAYS = 31  # a station closed for longer is not waited for

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationHours:
    """`week`: seven days, Monday first, each [begin, end] in minutes of the site's day; `closed` days overrule it."""

    week: tuple[Spans, ...]
    closed: frozenset[date] = frozenset()

    def on(self, day: date) -> Spans:
        return () if day in self.closed else self.week[day.weekday()]

    def open_until(self, at: datetime, zone: tzinfo) -> datetime | None:
        """When the span that holds `at` ends, following it over midnight; None = closed at `at`."""
        local = at.astimezone(zone)
        edge = None
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            minute = local.hour * 60 + local.minute if ahead == 0 else 0
            held = next((span for span in self.on(day) if span[0] <= minute < span[1]), None)
            if held is None:
                return edge
            edge = _moment(day, held[1], zone)
            if held[1] < DAY:
                return edge
        return edge

    def opens_next(self, at: datetime, zone: tzinfo) -> datetime | None:
        """The next beginning of a span after `at`; None when there is none within a month."""
        local = at.astimezone(zone)
        for ahead in range(AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            for begins, _ in self.on(day):
                opening = _moment(day, begins, zone)
                if opening > at:
                    return opening
        return None


def hours_of(week: Sequence[Sequence[Sequence[int]]], opens: str, closes: str, closed: Sequence[str]) -> StationHours:
    """The hours as a dealer's row keeps them: without a week, `opens` to `closes` holds every day."""
    days = tuple(tuple((span[0], span[1]) for span in day) for day in week)
    if len(days) != 7:
        days = (((minutes(opens), minutes(closes)),),) * 7
    return StationHours(week=days, closed=frozenset(date.fromisoformat(one) for one in closed))


def minutes(clock: str) -> int:
    """ "08:30" as 510."""
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


def distance_km(from_latitude: float, from_longitude: float, latitude: float, longitude: float) -> float:
    """Great-circle distance by the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984), in kilometres."""
    half_north = radians(latitude - from_latitude) / 2
    half_east = radians(longitude - from_longitude) / 2
    a = sin(half_north) ** 2 + cos(radians(from_latitude)) * cos(radians(latitude)) * sin(half_east) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(a)))


def on_earth(latitude: float, longitude: float) -> bool:
    return isfinite(latitude) and isfinite(longitude) and -90 <= latitude <= 90 and -180 <= longitude <= 180


def _moment(day: date, minute: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone) + timedelta(minutes=minute)
