"""Figures as shapes: points of a line, shades of a map. Pure; every chart has a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHADES = 5


@dataclass(frozen=True, slots=True)
class Curve:
    """SVG points in a box of `width` by `height`; `low` and `high` are the values at its edges."""

    points: str
    low: int
    high: int
    end: tuple[float, float]


def curve(values: Sequence[int], width: float, height: float, *, from_zero: bool = False) -> Curve | None:
    """None for fewer than two values. A line that never moves lies in the middle."""
    if len(values) < 2:
        return None
    low, high = (0 if from_zero else min(values)), max(values)
    spread = high - low
    step = width / (len(values) - 1)
    places = [
        (round(place * step, 1), round(height - (value - low) / spread * height if spread else height / 2, 1))
        for place, value in enumerate(values)
    ]
    return Curve(" ".join(f"{x},{y}" for x, y in places), low, high, places[-1])


def shade(count: int, most: int) -> int:
    """0 = nobody, 1 to 5 by the square root of the share of the fullest cell: small cells stay visible."""
    if not count or not most:
        return 0
    share: float = (count / most) ** 0.5
    return min(SHADES, 1 + int(share * SHADES))


def width_of(part: int, most: int, full: int = 100) -> float:
    """A bar's length; what is there at all has at least a hair."""
    return round(max(part / most * full, 0.5), 1) if part and most else 0.0
