"""The shapes of a campaign's board: the gauge of dropped calls, its line of 24 hours, bars of answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, cos, pi, sin

from reports.campaigns import DropLine, HourCounts

CENTRE, RADIUS = (160.0, 128.0), 104.0
LINE_WIDTH, LINE_HEIGHT = 316.0, 56.0
HOURS_WIDTH, HOURS_HEIGHT = 290.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """SVG paths of arcs in a box of 320 by 150. `tone`: good, warn (from 80 % of the limit) or breach."""

    track: str
    value: str
    beyond: str
    tick: tuple[tuple[float, float], tuple[float, float]]
    label: tuple[float, float]
    marks: tuple[tuple[int, float, float], ...]
    tone: str


def gauge(percent: float | None, limit: float) -> Gauge:
    top = max(4, ceil(limit) + 1)
    shown = min(percent or 0.0, top)
    tone = "breach" if shown > limit else "warn" if limit and shown >= 0.8 * limit else "good"
    marks = tuple((mark, *_at(mark / top, RADIUS - 26)) for mark in range(top + 1) if mark != limit)
    return Gauge(
        track=_arc(0, limit / top),
        value=_arc(0, shown / top) if shown else "",
        beyond=_arc(limit / top, 1),
        tick=(_at(limit / top, RADIUS - 20), _at(limit / top, RADIUS + 18)),
        label=_at(limit / top, RADIUS + 26),
        marks=marks,
        tone=tone,
    )


def _at(share: float, radius: float) -> tuple[float, float]:
    """Where the share 0 (left) to 1 (right) lies on the half circle."""
    angle = pi * (1 - share)
    return round(CENTRE[0] + radius * cos(angle), 1), round(CENTRE[1] - radius * sin(angle), 1)


def _arc(begin: float, end: float) -> str:
    (x1, y1), (x2, y2) = _at(begin, RADIUS), _at(end, RADIUS)
    return f"M{x1} {y1}A{RADIUS} {RADIUS} 0 0 1 {x2} {y2}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLine:
    """`parts` are the points of each stretch in which something was measured; `limit` the height of the limit."""

    parts: tuple[str, ...]
    limit: float
    end: tuple[float, float] | None
    slowed: tuple[float, float] | None


def rate_line(drops: DropLine, limit: float) -> RateLine:
    rates = [100 * share for _, share in drops.points if share is not None]
    # The first answers of a day make rates that say nothing: they must not press the rest of the line flat.
    top = 1.15 * min(max([limit, 1.0, *rates]), max(2 * limit, 3.0))
    places = [(x, None if share is None else _height(100 * share, top)) for x, share in _across(drops.points)]
    parts: list[list[str]] = [[]]
    for x, y in places:
        if y is None:
            parts.append([])
        else:
            parts[-1].append(f"{x},{y}")
    x, y = places[-1]
    return RateLine(
        parts=tuple(" ".join(part) for part in parts if part),
        limit=_height(limit, top),
        end=None if y is None else (x, y),
        slowed=_slowed(drops, places),
    )


def _across(points: Sequence[tuple[datetime, float | None]]) -> list[tuple[float, float | None]]:
    step = LINE_WIDTH / (len(points) - 1)
    return [(round(place * step, 1), share) for place, (_, share) in enumerate(points)]


def _height(percent: float, top: float) -> float:
    return round(LINE_HEIGHT * max(0.0, 1 - percent / top), 1)


def _slowed(drops: DropLine, places: Sequence[tuple[float, float | None]]) -> tuple[float, float] | None:
    """The point of the line next after the moment."""
    if drops.slowed_at is None:
        return None
    following = (place for place, (at, _) in zip(places, drops.points, strict=True) if at >= drops.slowed_at)
    return next(((x, y) for x, y in following if y is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourBar:
    """One hour; `height` in a box of 290 by 60. `best` = one of the two hours with the highest rate."""

    hour: int
    x: float
    width: float
    height: float
    rate: float | None
    placed: int
    live: int
    best: bool
    labelled: bool


def hour_bars(hours: Mapping[int, HourCounts], open_hours: Sequence[int]) -> tuple[HourBar, ...]:
    """From the first hour with calls or in the allowed hours to the last."""
    shown = sorted({*hours, *open_hours})
    if not shown or not hours:
        return ()
    whole = range(shown[0], shown[-1] + 1)
    rates = {hour: one.rate or 0.0 for hour, one in hours.items()}
    best = sorted((hour for hour in rates if rates[hour]), key=lambda hour: -rates[hour])[:2]
    top, step = max([*rates.values(), 0.01]), HOURS_WIDTH / len(whole)
    none = HourCounts()
    return tuple(
        HourBar(
            hour=hour,
            x=round(place * step + step * 0.1, 1),
            width=round(step * 0.8, 1),
            height=round(HOURS_HEIGHT * rates.get(hour, 0.0) / top, 1),
            rate=hours.get(hour, none).rate,
            placed=hours.get(hour, none).placed,
            live=hours.get(hour, none).live,
            best=hour in best,
            labelled=hour in (whole[0], whole[-1])
            or (hour in best and whole[0] + 1 < hour < whole[-1] - 1 and hour - 1 not in best),
        )
        for place, hour in enumerate(whole)
    )


def stack(values: Mapping[int, int], scale: Sequence[int]) -> tuple[tuple[int, float, float, int], ...]:
    """(value, x, width, count) of each part of a bar of 100, in the order of the scale."""
    total = sum(values.get(value, 0) for value in scale)
    found, x = [], 0.0
    for value in scale:
        count = values.get(value, 0)
        width = 100 * count / total if total else 0.0
        if count:
            found.append((value, round(x, 2), round(width, 2), count))
        x += width
    return tuple(found)
