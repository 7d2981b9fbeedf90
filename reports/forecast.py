"""How many callers a queue will have, per day and interval, from what it had; with the error of past forecasts. Pure.

Multiplicative: level x kind of day x share of the interval. Kinds are the weekdays, and beside them what the calendar
makes of a day: a holiday, a rest day in the week, a workday at the weekend. Level and kinds are estimated in turn, the
level by exponential smoothing with a damped trend (Gardner & McKenzie, "Forecasting trends in time series",
Management Science 31 (1985), 1237-1246), the rest by weighted means in which a day of six weeks ago counts half.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

HALF_LIFE = 42.0  # days
SMOOTHING, TREND, DAMPING = 0.12, 0.02, 0.97  # per day
PASSES = 4
FEWEST_DAYS = 14
OUTLIER = 2.5  # a day of more than that times the expected counts as that much: a recall, a line that was cut
PRIOR = 2.0  # weight of what all days of a kind's likeness say, in days


@dataclass(frozen=True, slots=True)
class Day:
    """Callers in each interval of a day; `kind` is "" for an ordinary one, else holiday, rest or work (swapped)."""

    on: date
    counts: tuple[float, ...]
    kind: str = ""

    @property
    def total(self) -> float:
        return sum(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`low` and `high` of the day's total: between them lay eight of ten days in the past, so far ahead."""

    on: date
    counts: tuple[float, ...]
    low: float
    high: float

    @property
    def total(self) -> float:
        return sum(self.counts)


class TooLittleKnown(ValueError):
    """Fewer than `FEWEST_DAYS` days."""


class Forecaster:
    """Learns from past days, in any order; a day that is missing is no day without callers."""

    def __init__(self, past: Iterable[Day]) -> None:
        self._past = sorted(past, key=lambda day: day.on)
        if len(self._past) < FEWEST_DAYS:
            raise TooLittleKnown
        self._last = self._past[-1].on
        self._factors: dict[str, float] = {}
        self._level = self._trend = 0.0
        for _ in range(PASSES):
            levels = self._smooth()
            self._factors = self._learn(levels)
        self._smooth()
        self._shares = self._profiles()

    def day(self, on: date, kind: str = "", *, spread: tuple[float, float] = (1.0, 1.0)) -> Forecast:
        """`spread` are what the total is multiplied by for `low` and `high`; see `errors`."""
        ahead = max((on - self._last).days, 1)
        damped = DAMPING * (1 - DAMPING**ahead) / (1 - DAMPING)
        total = max(self._level + self._trend * damped, 0.0) * self._factor(_kind(on, kind))
        counts = tuple(total * share for share in self._share(_kind(on, kind)))
        return Forecast(on=on, counts=counts, low=total * spread[0], high=total * spread[1])

    def _smooth(self) -> list[float]:
        """The level before each day; leaves the last one and its trend."""
        factors = [self._factor(_kind(day.on, day.kind)) for day in self._past]
        first = [day.total / factor for day, factor in zip(self._past, factors, strict=True) if factor > 0]
        level, trend = median(first[:FEWEST_DAYS] or [0.0]), 0.0
        levels = []
        for day, factor in zip(self._past, factors, strict=True):
            levels.append(level)
            if factor <= 0:
                continue
            seen = min(day.total / factor, OUTLIER * level) if level > 0 else day.total / factor
            before = level
            level = SMOOTHING * seen + (1 - SMOOTHING) * (level + DAMPING * trend)
            trend = TREND * (level - before) + (1 - TREND) * DAMPING * trend
        self._level, self._trend = level, trend
        return levels

    def _learn(self, levels: Sequence[float]) -> dict[str, float]:
        seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for day, level in zip(self._past, levels, strict=True):
            if level > 0:
                ratio = min(day.total / level, OUTLIER * max(self._factor(_kind(day.on, day.kind)), 0.2))
                seen[_kind(day.on, day.kind)].append((self._weight(day), ratio))
        found = {}
        for kind, rows in seen.items():
            prior = 0.0 if kind.isdecimal() else PRIOR
            weight = sum(each for each, _ in rows) + prior
            found[kind] = (sum(each * ratio for each, ratio in rows) + prior * self._like(kind)) / weight
        return found

    def _weight(self, day: Day) -> float:
        return float(0.5 ** ((self._last - day.on).days / HALF_LIFE))

    def _factor(self, kind: str) -> float:
        return self._factors.get(kind, self._like(kind))

    def _like(self, kind: str) -> float:
        """What a kind that was hardly seen is like: a swapped workday like the workdays, the rest like Sunday."""
        if kind.isdecimal() or not self._factors:
            return 1.0
        alike = range(5) if kind == "work" else (6,)
        known = [self._factors[str(weekday)] for weekday in alike if str(weekday) in self._factors]
        return sum(known) / len(known) if known else 1.0

    def _profiles(self) -> Mapping[str, tuple[float, ...]]:
        """The share of each interval by kind of day; "" = of all days."""
        sums: dict[str, list[float]] = {}
        for day in self._past:
            for kind in (_kind(day.on, day.kind), ""):
                into = sums.setdefault(kind, [0.0] * len(day.counts))
                for place, count in enumerate(day.counts):
                    into[place] += self._weight(day) * count
        whole = _shares(sums[""])
        found = {"": whole}
        for kind, into in sums.items():
            mean = sum(into) / max(1, sum(_kind(day.on, day.kind) == kind for day in self._past)) if kind else 0.0
            found[kind] = _shares([count + mean * share for count, share in zip(into, whole, strict=True)])
        return found

    def _share(self, kind: str) -> tuple[float, ...]:
        return self._shares.get(kind, self._shares[""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Of forecasts made in the past as they would be made now. `wape` is the sum of all misses by the sum of all
    callers, per interval; `naive` the same for "as on the same weekday a week before"."""

    wape: float
    naive: float
    spread: tuple[float, float]
    days: int


def errors(past: Sequence[Day], *, ahead: int = 7, every: int = 7, least: int = 56) -> Errors | None:
    """Rolling origin: at each origin the next `ahead` days are forecast from what was known then. None = too short."""
    days = sorted(past, key=lambda day: day.on)
    by_date = {day.on: day for day in days}
    missed = wrong = callers = 0.0
    ratios: list[float] = []
    for origin in range(max(least, FEWEST_DAYS), len(days), every):
        forecaster = Forecaster(days[:origin])
        for day in days[origin : origin + ahead]:
            naive = by_date.get(day.on - timedelta(days=7))
            if naive is None:
                continue
            told = forecaster.day(day.on, day.kind)
            missed += sum(abs(one - other) for one, other in zip(told.counts, day.counts, strict=True))
            wrong += sum(abs(one - other) for one, other in zip(naive.counts, day.counts, strict=True))
            callers += day.total
            if told.total > 0:
                ratios.append(day.total / told.total)
    if not callers or not ratios:
        return None
    ratios.sort()
    spread = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    return Errors(wape=missed / callers, naive=wrong / callers, spread=spread, days=len(ratios))


def _kind(on: date, kind: str) -> str:
    return kind or str(on.weekday())


def _shares(counts: Sequence[float]) -> tuple[float, ...]:
    whole = sum(counts)
    return tuple(count / whole for count in counts) if whole else (1 / len(counts),) * len(counts)
