"""What a dealer is measured by: each figure with its numerator, its denominator and its formula. Without I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo


@dataclass(frozen=True, slots=True)
class Tally:
    """A numerator over a denominator; nothing to measure when the denominator is 0."""

    numerator: float = 0
    denominator: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.numerator + other.numerator, self.denominator + other.denominator)

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`unit`: rate (a share of 1), days, mark (1 to 5) or count (per reported day). `better`: 1 = more, -1 = less."""

    word: str
    unit: str
    better: int


MEASURES = (
    Measure(word="in_time", unit="rate", better=1),
    Measure(word="complaint_days", unit="days", better=-1),
    Measure(word="closed_in_time", unit="rate", better=1),
    Measure(word="satisfaction", unit="mark", better=1),
    Measure(word="lead_answered", unit="rate", better=1),
    Measure(word="lead_won", unit="rate", better=1),
    Measure(word="care_done", unit="rate", better=1),
    Measure(word="visitors", unit="count", better=1),
    Measure(word="enquiries", unit="count", better=1),
    Measure(word="reported", unit="rate", better=1),
)
BY_WORD = {measure.word: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the site's zone as the half-open interval [start, end)."""

    first: date
    start: datetime
    end: datetime

    @property
    def word(self) -> str:
        return f"{self.first:%Y-%m}"


def months_back(today: date, count: int, zone: tzinfo) -> list[Month]:
    """The last `count` months, the present one last."""
    found = []
    year, month = today.year, today.month
    for _ in range(count):
        following = (year + 1, 1) if month == 12 else (year, month + 1)
        start = datetime.combine(date(year, month, 1), time(), zone)
        end = datetime.combine(date(*following, 1), time(), zone)
        found.append(Month(date(year, month, 1), start, end))
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return found[::-1]


def read_month(word: str, months: Sequence[Month]) -> Month:
    """The month that a URL names; the last one when it names none of these."""
    return next((one for one in months if one.word == word), months[-1])


def total(tallies: Sequence[Tally]) -> Tally:
    """All of them as one: a network's rate is that of its cases, not the mean of its dealers' rates."""
    return sum(tallies, Tally())


def ranked(values: dict[int, Tally], measure: Measure) -> list[tuple[int, Tally, int | None]]:
    """(dealer, tally, place), best first; equal values share a place, nothing to measure has none and comes last."""
    able = [(dealer, tally, tally.value) for dealer, tally in values.items() if tally.value is not None]
    ordered = sorted(able, key=lambda one: (-measure.better * one[2], one[0]))
    found: list[tuple[int, Tally, int | None]] = []
    place, last = 0, None
    for position, (dealer, tally, value) in enumerate(ordered, start=1):
        place, last = (place, last) if value == last else (position, value)
        found.append((dealer, tally, place))
    found += [(dealer, tally, None) for dealer, tally in sorted(values.items()) if tally.value is None]
    return found
