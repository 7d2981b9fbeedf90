"""The curves of a day as SVG shapes: callers with their band and past weeks, agents needed and planned. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.outlook import HalfHour

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960.0, 190.0, 34.0, 20.0, 8.0


@dataclass(frozen=True, slots=True)
class Bar:
    """Planned agents of a half hour, and the mark of the needed ones; `state`: under, over or even."""

    x: float
    y: float
    width: float
    height: float
    mark: float
    state: str
    title: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Where half hours and values stand; `ticks` are (y, label), `hours` (x, label)."""

    first: int
    last: int
    most: float
    ticks: tuple[tuple[float, str], ...]
    hours: tuple[tuple[float, str], ...]

    def x(self, slot: float) -> float:
        return round(LEFT + (slot - self.first) / max(self.last - self.first, 1) * (WIDTH - LEFT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - value / self.most * (HEIGHT - BOTTOM - TOP), 1)


def frame(first: int, last: int, most: float) -> Frame:
    """Round numbers at the left, full hours below; `last` is the half hour behind the last one shown."""
    step = next((one for one in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if most / one <= 5), 10_000)
    top = max(step, -(-most // step) * step)
    empty = Frame(first, last, float(top), (), ())
    ticks = tuple((empty.y(value), f"{value:g}") for value in range(0, int(top) + 1, step))
    every = 2 if last - first <= 30 else 4
    hours = tuple((empty.x(slot), f"{slot // 2:02}:00") for slot in range(first + first % 2, last, every))
    return Frame(first, last, float(top), ticks, hours)


def shown_slots(rows: Sequence[HalfHour]) -> tuple[int, int]:
    """From the first to behind the last half hour in which something is expected or planned."""
    busy = [row.slot for row in rows if row.high >= 2.5 or row.planned > 0]
    return (min(busy), max(busy) + 1) if busy else (16, 36)


def line(values: Sequence[float], place: Frame) -> str:
    """Points in the middle of each half hour."""
    return " ".join(f"{place.x(slot + 0.5)},{place.y(values[slot])}" for slot in range(place.first, place.last))


def band(rows: Sequence[HalfHour], place: Frame) -> str:
    shown = rows[place.first : place.last]
    above = [f"{place.x(row.slot + 0.5)},{place.y(row.high)}" for row in shown]
    below = [f"{place.x(row.slot + 0.5)},{place.y(row.low)}" for row in reversed(shown)]
    return " ".join([*above, *below])


def bars(rows: Sequence[HalfHour], model: str, place: Frame) -> list[Bar]:
    found = []
    for row in rows[place.first : place.last]:
        left, right = place.x(row.slot), place.x(row.slot + 1)
        top = place.y(row.planned)
        title = f"{clock(row.slot)}  {row.planned:.1f} / {row.wanted(model).agents}"
        found.append(
            Bar(
                x=round(left + 1.5, 1), y=top, width=round(right - left - 3, 1),
                height=round(HEIGHT - BOTTOM - top, 1), mark=place.y(row.wanted(model).agents),
                state=state(row, model), title=title,
            )
        )  # fmt: skip
    return found


def state(row: HalfHour, model: str) -> str:
    """Fewer than needed by half an agent or more; more than needed by a quarter and at least one and a half."""
    wanted = row.wanted(model).agents
    if row.planned <= wanted - 0.5:
        return "under"
    return "over" if row.planned >= max(wanted + 1.5, wanted * 1.25) else "even"


def clock(slot: int) -> str:
    return f"{slot // 2:02}:{slot % 2 * 30:02}"
