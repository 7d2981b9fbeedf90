"""Which times of a workshop's day are free. Without I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from crm_core.dealers.stations import Spans

SLOT = timedelta(minutes=30)
LASTS = {
    "maintenance": timedelta(minutes=90),
    "repair": timedelta(minutes=120),
    "warranty": timedelta(minutes=120),
    "accident": timedelta(minutes=180),
    "recall": timedelta(minutes=60),
    "inspection": timedelta(minutes=60),
}
"""How long a place is kept for each kind of work, until the technician knows better."""


@dataclass(frozen=True, slots=True)
class Busy:
    """A booked stretch; `technician` None = given to nobody yet."""

    begins: datetime
    ends: datetime
    technician: int | None


@dataclass(frozen=True, slots=True)
class Slot:
    """`free` = how many more cars could be taken at once for the whole length."""

    begins: datetime
    free: int


def day_slots(
    day: date, hours: Spans, busy: Sequence[Busy], places: int, lasts: timedelta, *, zone: tzinfo
) -> list[Slot]:
    """Every half hour from which work of this length ends before the workshop closes. `places` = technicians."""
    found = []
    for begins, ends in hours:
        start = datetime.combine(day, time(), zone) + timedelta(minutes=begins)
        closing = datetime.combine(day, time(), zone) + timedelta(minutes=ends)
        while start + lasts <= closing:
            found.append(Slot(start, max(0, places - most_at_once(busy, start, start + lasts))))
            start += SLOT
    return found


def most_at_once(busy: Sequence[Busy], begins: datetime, ends: datetime) -> int:
    """The largest number of bookings that run at the same moment within [begins, ends)."""
    within = [one for one in busy if one.begins < ends and one.ends > begins]
    moments = [begins, *(one.begins for one in within if one.begins > begins)]
    return max((sum(one.begins <= moment < one.ends for one in within) for moment in moments), default=0)


def is_free(busy: Sequence[Busy], technician: int, begins: datetime, ends: datetime) -> bool:
    return not any(one.technician == technician and one.begins < ends and one.ends > begins for one in busy)
