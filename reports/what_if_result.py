"""Two plans played on the same days: what each queue would have, how sure that is, and what the change brings. Pure.

A share over several days is the sum of its numerators by the sum of its denominators; its interval is that of the
ratio estimator (A. M. Law, "Simulation Modeling and Analysis", 5th ed., 2015, section 4 and 9.4), with the t quantile
of R. A. Fisher and E. A. Cornish (1960). Both plans see the same chance, so their difference is surer than either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import NormalDist
from typing import Any

from reports.counts import Ratio
from reports.metrics import ABANDON_RATE, AVERAGE_SPEED_OF_ANSWER, SERVICE_LEVEL
from reports.what_if import Day, Plan, Played

SURE = 0.95
FIGURES = ("service_level", "abandon_rate", "occupancy", "speed_of_answer", "calls")
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` None = nothing to measure. In 95 of 100 such plays the truth lies within `value` +- `half`."""

    value: float | None
    half: float = 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    now: Estimate
    then: Estimate
    change: Estimate

    @property
    def is_sure(self) -> bool:
        """Whether the change is no chance."""
        return self.change.value is not None and abs(self.change.value) > self.change.half


def play(now: Plan, then: Plan, *, days: int, seed: int = 1) -> Iterator[tuple[Played, Played]]:
    """One pair of days after the other, for as long as it is asked."""
    for number in range(days):
        yield Day(now, _chance(seed, number)).play(), Day(then, _chance(seed, number)).play()


def _chance(seed: int, number: int) -> Random:
    return Random(f"{seed} {number}")  # noqa: S311 - chance of callers, no secret


def compare(days: Sequence[tuple[Played, Played]]) -> dict[str, dict[str, Compared]]:
    """Queue to figure to what it is; queue "" are all together."""
    queues = list(days[0][0].counts) if days else []
    return {queue: {figure: _compared(days, queue, figure) for figure in FIGURES} for queue in (*queues, "")}


def as_json(found: dict[str, dict[str, Compared]]) -> dict[str, Any]:
    return {queue: {name: asdict(one) for name, one in figures.items()} for queue, figures in found.items()}


def _compared(days: Sequence[tuple[Played, Played]], queue: str, figure: str) -> Compared:
    if queue:
        before = [_pair(now, queue, figure) for now, _ in days]
        after = [_pair(then, queue, figure) for _, then in days]
    else:
        before = [_all(now, figure) for now, _ in days]
        after = [_all(then, figure) for _, then in days]
    first, second = _ratio(before), _ratio(after)
    change = Estimate(None)
    if first.value is not None and second.value is not None:
        rests = [b - a for a, b in zip(_rests(before), _rests(after), strict=True)]
        change = Estimate(second.value - first.value, _half(rests))
    return Compared(first, second, change)


def _all(played: Played, figure: str) -> Pair:
    """Numerators and denominators of all queues; agents who know several skills count once."""
    if figure == "occupancy":
        return played.busy[""], played.there[""]
    pairs = [_pair(played, queue, figure) for queue in played.counts]
    return sum(pair[0] for pair in pairs), 1.0 if figure == "calls" else sum(pair[1] for pair in pairs)


def _pair(played: Played, queue: str, figure: str) -> Pair:
    counts = played.counts[queue]
    told: dict[str, Callable[[], Pair]] = {
        "service_level": lambda: _both(SERVICE_LEVEL.of(counts)),
        "abandon_rate": lambda: _both(ABANDON_RATE.of(counts)),
        "speed_of_answer": lambda: _both(AVERAGE_SPEED_OF_ANSWER.of(counts)),
        "occupancy": lambda: (played.busy[queue], played.there[queue]),
        "calls": lambda: (float(counts.offered), 1.0),
    }
    return told[figure]()


def _both(ratio: Ratio) -> Pair:
    return ratio.numerator, ratio.denominator


def _ratio(pairs: Sequence[Pair]) -> Estimate:
    whole = sum(pair[1] for pair in pairs)
    if not whole:
        return Estimate(None)
    return Estimate(sum(pair[0] for pair in pairs) / whole, _half(_rests(pairs)))


def _rests(pairs: Sequence[Pair]) -> list[float]:
    """Of each day, by how much it pulls the ratio from its value."""
    whole = sum(pair[1] for pair in pairs)
    ratio, mean = sum(pair[0] for pair in pairs) / whole, whole / len(pairs)
    return [(numerator - ratio * denominator) / mean for numerator, denominator in pairs]


def _half(rests: Sequence[float]) -> float:
    count = len(rests)
    if count < 2:
        return 0.0
    mean = sum(rests) / count
    spread = sum((rest - mean) ** 2 for rest in rests) / (count - 1)
    return quantile(count - 1) * float((spread / count) ** 0.5)


def quantile(freedom: int) -> float:
    """Student's t, two-sided at `SURE`; within 0.01 of the tables from 4 on."""
    z = NormalDist().inv_cdf((1 + SURE) / 2)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    return z + first + second + third
