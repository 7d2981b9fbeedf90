"""A workshop's day as a picture: one lane for each technician. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from crm_core.dealers.model import DealerStaff
from crm_core.dealers.network_model import WorkshopBooking

WIDTH, LEFT, LANE, HEAD = 1000, 90, 34, 24
BEGINS, ENDS = 8, 20  # hours of the day that are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One booking in its lane, in units of the picture."""

    booking_id: int
    x: float
    y: float
    width: float
    look: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    y: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    height: float
    lanes: Sequence[Lane]
    bars: Sequence[Bar]
    hours: Sequence[tuple[float, str]]


def draw(
    day: date,
    bookings: Sequence[tuple[WorkshopBooking, str]],
    technicians: Sequence[DealerStaff],
    nobody: str,
    zone: tzinfo,
) -> Lanes:
    """`bookings` with what is written on each; those of nobody have a lane of their own, the last."""
    places = {one.id: place for place, one in enumerate(technicians)}
    shown = [(row, text) for row, text in bookings if row.status not in ("cancelled", "missed")]
    lanes = [Lane(y=HEAD + place * LANE, name=one.name) for place, one in enumerate(technicians)]
    if any(row.technician_id not in places for row, _ in shown):
        lanes.append(Lane(y=HEAD + len(technicians) * LANE, name=nobody))
    bars = [_bar(row, text, places.get(row.technician_id or 0, len(technicians)), day, zone) for row, text in shown]
    hours = [(_x(float(hour)), f"{hour}:00") for hour in range(BEGINS, ENDS + 1)]
    return Lanes(height=HEAD + len(lanes) * LANE, lanes=lanes, bars=bars, hours=hours)


def _bar(row: WorkshopBooking, text: str, place: int, day: date, zone: tzinfo) -> Bar:
    begins, ends = _hour(row.begins_at, day, zone), _hour(row.ends_at, day, zone)
    look = {"arrived": "here", "done": "over"}.get(row.status, "busy" if row.technician_id else "none")
    x = _x(begins)
    return Bar(booking_id=row.id, x=x, y=HEAD + place * LANE + 3, width=max(4, _x(ends) - x - 2), look=look, text=text)


def _hour(at: datetime, day: date, zone: tzinfo) -> float:
    return (at - datetime.combine(day, time(), zone)).total_seconds() / 3600


def _x(hour: float) -> float:
    return round(LEFT + (min(max(hour, BEGINS), ENDS) - BEGINS) / (ENDS - BEGINS) * (WIDTH - LEFT), 1)
