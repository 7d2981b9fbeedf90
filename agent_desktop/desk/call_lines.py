"""The calls of one day as lines on the sign-in page: where each begins, how long it is, in which row it fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

WIDTH, HEIGHT = 880, 900
_LEFT, _HOUR = 44.0, 32.6  # x of midnight, and units per hour
_TOP, _ROW = 74.0, 12.4
_ROWS = 45
_SHORTEST, _PER_MINUTE, _LONGEST, _GAP = 5.0, 3.2, 66.0, 7.0


@dataclass(frozen=True, slots=True)
class DayLines:
    """An SVG path of all calls, and one of the last alone, which is drawn in the colour of the mark."""

    path: str
    last: str
    calls: int


def draw_lines(calls: Iterable[tuple[float, float]]) -> DayLines:
    """`calls` are (seconds after midnight, seconds long). A line begins at its hour; its length tells minutes,
    on a larger scale than the hours, so that a talk of two minutes can be seen. A call without room is left out."""
    row_ends = [0.0] * _ROWS
    drawn: list[str] = []
    for index, (begins, lasts) in enumerate(sorted(calls)):
        x = _LEFT + begins / 3600 * _HOUR
        length = min(_LONGEST, max(_SHORTEST, lasts / 60 * _PER_MINUTE))
        row = _free_row(row_ends, x, start=crc32(b"%d" % index) % _ROWS)
        if row is None:
            continue
        row_ends[row] = x + length + _GAP
        drawn.append(f"M{x:.0f} {_TOP + row * _ROW:.0f}h{length:.0f}")
    return DayLines(path="".join(drawn[:-1]), last=drawn[-1] if drawn else "", calls=len(drawn))


def _free_row(row_ends: list[float], x: float, *, start: int) -> int | None:
    """The first row that is free at `x`, tried from `start` on, so that a quiet day is spread over the field."""
    for step in range(_ROWS):
        row = (start + step) % _ROWS
        if row_ends[row] <= x:
            return row
    return None
