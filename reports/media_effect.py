"""Whether a media action brought calls and visitors, by region: the days it ran against the same weekdays before. Pure.

Expected = for each day of the action the mean of the same weekday in the four weeks before, in its regions. What moved
the other regions by the same time (season, news, holiday) is taken out: expected is multiplied by what they had against
what was expected of them. Extra = seen - expected.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

WEEKS_BEFORE = 4
LEAST_EXPECTED = 30.0
"""Below it chance alone moves a count by more than a third (Poisson, two standard deviations): nothing is claimed."""
MEASURES = ("calls", "enquiries", "visitors")

Counts = Mapping[tuple[str, date], int]
"""(region, day of the site) -> count; a day that is missing was not reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One measure of one action. `season` = how the other regions moved, 1.0 = not at all, None = there are none.

    `lift` and `extra` are None when there are too few to say anything, or the days before were not reported.
    `sure`: the difference is more than twice what such counts scatter, see `_scatter`, and there are other regions to
    tell it from the season.
    """

    measure: str
    days: int
    seen: int
    expected: float | None
    season: float | None
    lift: float | None
    extra: float | None
    sure: bool = False


class Ran(NamedTuple):
    """When and where an action ran, both days included; `regions` empty = everywhere."""

    first: date
    last: date
    regions: Collection[str]


def effect(measure: str, counts: Counts, ran: Ran, everywhere: Collection[str], *, today: date) -> Effect:
    """What the action did to one measure; days from `today` on are not over and are left out."""
    first, last, regions = ran
    ran_in = set(regions) or set(everywhere)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = [day for day in days if day < today]
    seen, expected = _against(counts, days, first, ran_in)
    scatter = _scatter(counts, days, first, ran_in)
    other_seen, other_expected = _against(counts, days, first, set(everywhere) - ran_in)
    season = other_seen / other_expected if other_expected and other_expected >= LEAST_EXPECTED else None
    if expected is not None and season is not None:
        expected *= season
    told = expected is not None and expected >= LEAST_EXPECTED
    extra = seen - expected if told and expected is not None else None
    return Effect(
        measure=measure,
        days=len(days),
        seen=seen,
        expected=expected,
        season=season,
        lift=extra / expected if extra is not None and expected else None,
        extra=extra,
        sure=bool(
            extra is not None and expected and season is not None and abs(extra) > 2 * (scatter * expected) ** 0.5
        ),
    )


def _against(counts: Counts, days: Sequence[date], first: date, regions: Collection[str]) -> tuple[int, float | None]:
    """(seen, expected) on the days that have both their own count and earlier ones; None = no such day."""
    seen, expected, compared = 0, 0.0, False
    for region in regions:
        for day in days:
            before = [counts[key] for key in _same_weekdays(region, day, first) if key in counts]
            if before and (region, day) in counts:
                seen += counts[region, day]
                expected += sum(before) / len(before)
                compared = True
    return seen, expected if compared else None


def _scatter(counts: Counts, days: Sequence[date], first: date, regions: Collection[str]) -> float:
    """The variance of a difference against its expected count: 1 for pure chance (Poisson), more where days differ by
    themselves (Pearson's chi-square over its degrees of freedom), and a quarter more for the four weeks' own chance."""
    chi, freedom = 0.0, 0
    for region in regions:
        for day in days[:7]:
            before = [counts[key] for key in _same_weekdays(region, day, first) if key in counts]
            mean = sum(before) / len(before) if before else 0.0
            if mean:
                chi += sum((count - mean) ** 2 / mean for count in before)
                freedom += len(before) - 1
    return max(1.0, chi / freedom if freedom else 1.0) * (1 + 1 / WEEKS_BEFORE)


def _same_weekdays(region: str, day: date, first: date) -> list[tuple[str, date]]:
    """The same weekday in each of the four weeks before the action began."""
    weeks = (day - first).days // 7 + 1
    return [(region, day - timedelta(weeks=weeks + n)) for n in range(WEEKS_BEFORE)]


def cost_each(cost_yuan: int, extra: float | None, *, sure: bool) -> float | None:
    """Yuan for each additional call or visitor; None when none came for sure, or the cost is not told."""
    return cost_yuan / extra if cost_yuan and extra and extra > 0 and sure else None
