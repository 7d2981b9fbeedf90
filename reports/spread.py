"""Median and percentiles of durations. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0 to 1) of them do not exceed; None of no values.

    Nearest rank (Hyndman and Fan, 1996, definition 1): always a value that was measured, so that it can be opened.
    """
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float | None:
    return percentile(values, 0.5)
