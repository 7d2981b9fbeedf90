"""Recency, frequency and value against all other customers: percent ranks, quintiles, and "the first 5 %"."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

MEASURES = ("recency", "frequency", "value")
CUTS = 99


def rank(value: int, cuts: Sequence[int]) -> int:
    """The percent of all customers who are worse, 0 to 99, from the 99 cuts that lie below and at the value.

    Equal customers share the middle of their places, so that a crowd at the top is not called average; who has
    nothing (never, 0) has rank 0, however many they are.
    """
    return (bisect_left(cuts, value) + bisect_right(cuts, value)) // 2 if value > 0 else 0


def digit(percent: int) -> int:
    """The quintile of a rank, 1 (worst) to 5 (best): the digits of RFM (Hughes, Strategic Database Marketing)."""
    return percent // 20 + 1


def rfm(recency: int, frequency: int, value: int) -> str:
    return f"{digit(recency)}{digit(frequency)}{digit(value)}"


def top(percent: int) -> int:
    """n of "among the first n %": 1 for the best rank, 100 for the last."""
    return 100 - percent


def recency_number(day: date | None) -> int:
    """Dates as numbers that rise; never = 0."""
    return day.toordinal() if day else 0


def cut_places(customers: int) -> list[int]:
    """At which places (from 0) of all values in rising order the 99 cuts lie: the nearest-rank percentiles."""
    return [max(0, -(-percent * customers // 100) - 1) for percent in range(1, CUTS + 1)] if customers else []
