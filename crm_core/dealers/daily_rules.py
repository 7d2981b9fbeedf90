"""When a day's figures are due and which days are missing. Without I/O."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta, tzinfo

from crm_core.errors import Invalid

KEPT_OPEN = timedelta(days=30)  # a figure may be given or corrected so long
MOST = 9_999  # visitors or calls of one dealer on one day


def due_at(day: date, until: int, zone: tzinfo) -> datetime:
    """`until` in minutes of the site's day."""
    return datetime.combine(day, time(), zone) + timedelta(minutes=until)


def missing(reported: Collection[date], first: date, now: datetime, until: int, zone: tzinfo) -> list[date]:
    """The days from `first` on whose figures are overdue at `now`, the newest first."""
    day = now.astimezone(zone).date()
    found = []
    while day >= first:
        if day not in reported and due_at(day, until, zone) <= now:
            found.append(day)
        day -= timedelta(days=1)
    return found


def problems(day: date, today: date, visitors: int | None, enquiries: int | None) -> list[Invalid]:
    """What is wrong with a report; None = not a whole number."""
    found = [
        Invalid("Enter a number from {low} to {high}.", low=0, high=MOST, field=name)
        for name, value in (("visitors", visitors), ("enquiries", enquiries))
        if value is None or not 0 <= value <= MOST
    ]
    if day > today:
        found.append(Invalid("This day has not come yet.", field="day"))
    elif day < today - KEPT_OPEN:
        found.append(Invalid("Days older than {days} days are closed.", days=KEPT_OPEN.days, field="day"))
    return found
