"""A flow as it is drawn: boxes and lines with their places on the paper. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.drawing import Place, first_nodes, lines, places
from ivr.flow import Flow

WIDTH, HEIGHT = 168, 76  # of a box
ACROSS, DOWN = 250, 94  # from box to box
MARGIN = 32
THICKEST = 13.0
THINNEST = 1.2
BEFORE = 6  # from a line's word to its end


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    x: int
    y: int
    calls: int | None
    first: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line. `path` is SVG, `label_x` and `label_y` the place before its end; `calls` None = nothing was counted.

    `share` is that of the callers who came to its start.
    """

    start: str
    end: str
    by: tuple[str, ...]
    back: bool
    path: str
    label_x: int
    label_y: int
    width: float
    calls: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Board:
    boxes: tuple[Box, ...]
    lines: tuple[Drawn, ...]
    width: int
    height: int


def draw(
    flow: Flow,
    entered: Mapping[str, int] | None = None,
    walked: Mapping[tuple[str, str], int] | None = None,
) -> Board:
    """`entered` and `walked` are calls by node and by (from, to); None = nothing was counted in this period."""
    where = places(flow)
    first = set(first_nodes(flow))
    boxes = tuple(
        Box(name, *_corner(place), entered.get(name, 0) if entered is not None else None, name in first)
        for name, place in where.items()
    )
    most = max(walked.values(), default=0) if walked else 0
    drawn = []
    for line in lines(flow, where):
        calls = walked.get((line.start, line.end), 0) if walked is not None else None
        share = math.sqrt(calls / most) if calls and most else 0.0
        path = _curve(where[line.start], where[line.end], back=line.back)
        x, y = _corner(where[line.end])
        width = round(THINNEST + (THICKEST - THINNEST) * share, 1)
        came = (entered or {}).get(line.start, 0)
        drawn.append(
            Drawn(
                *(line.start, line.end, line.by, line.back, path, x - BEFORE, y + HEIGHT // 2, width, calls),
                share=calls / came if calls is not None and came else None,
            )
        )
    return Board(
        boxes,
        tuple(sorted(drawn, key=lambda one: one.width)),
        width=max((box.x for box in boxes), default=0) + WIDTH + MARGIN,
        height=max((box.y for box in boxes), default=0) + HEIGHT + MARGIN,
    )


def _corner(place: Place) -> tuple[int, int]:
    return MARGIN + place.column * ACROSS, MARGIN + round(place.row * DOWN)


def _curve(start: Place, end: Place, *, back: bool) -> str:
    """From the right side of one box to the left side of the other; a line that leads back goes below both."""
    from_x, from_y = _corner(start)
    to_x, to_y = _corner(end)
    a_x, a_y, b_x, b_y = from_x + WIDTH, from_y + HEIGHT // 2, to_x, to_y + HEIGHT // 2
    if back:
        low = max(from_y, to_y) + HEIGHT + (DOWN - HEIGHT) // 2
        return f"M{a_x} {a_y}C{a_x + 40} {low},{b_x - 40} {low},{b_x} {b_y}"
    bend = max(36, (b_x - a_x) // 2)
    return f"M{a_x} {a_y}C{a_x + bend} {a_y},{b_x - bend} {b_y},{b_x} {b_y}"
