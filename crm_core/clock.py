"""The one place that reads the wall clock, and the way between the engine's instants and the database's times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo


def now() -> datetime:
    """The present, aware UTC."""
    return datetime.now(UTC)


def instant(at: datetime) -> float:
    """Seconds since 1970-01-01 UTC; a naive time is refused."""
    if at.tzinfo is None:
        raise ValueError(f"naive time {at!r}: times are aware UTC")
    return at.timestamp()


def from_instant(seconds: float) -> datetime:
    """The aware UTC time of an instant. Microseconds are kept as far as a float holds them."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds_of_day(at: datetime, zone: tzinfo) -> float:
    """What the clock on the site's wall shows, in seconds since midnight; an hour that comes twice shows twice."""
    shown = at.astimezone(zone)
    return shown.hour * 3600 + shown.minute * 60 + shown.second + shown.microsecond / 1e6


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The half-open interval [start, end) of a calendar day of the site, in aware UTC."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)
