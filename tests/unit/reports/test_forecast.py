"""Tomorrow's callers are foreseen better than by looking at the same weekday of last week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import exp, sin, tau
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.forecast import FEWEST_DAYS, Day, Errors, Forecaster, TooLittleKnown, errors

MONDAY = date(2025, 1, 6)
SEEDS = 24


def site(seed: int, days: int = 168) -> list[Day]:
    """Half a year of a hotline that the forecaster never sees: every parameter is thrown anew for each seed."""
    chance = Random(seed)
    base, growth = chance.uniform(150, 2_500), chance.uniform(-0.002, 0.003)
    weekdays = [chance.uniform(0.85, 1.25) for _ in range(5)] + [chance.uniform(0.4, 0.8), chance.uniform(0.3, 0.6)]
    wave, jump_at, jump = chance.uniform(0, 0.12), chance.randrange(40, days), chance.uniform(0.8, 1.25)
    peaks = (chance.uniform(18, 22), chance.uniform(27, 33))
    holidays = {chance.randrange(days) for _ in range(6)}
    found = []
    for place in range(days):
        on = MONDAY + timedelta(days=place)
        kind = "holiday" if place in holidays else ""
        level = base * exp(growth * place) * (1 + wave * sin(tau * place / 91)) * (jump if place >= jump_at else 1)
        factor = 0.35 if kind else weekdays[on.weekday()]
        noise = chance.lognormvariate(0, 0.07) * (chance.uniform(1.5, 2.5) if chance.random() < 0.01 else 1)
        shape = [exp(-(((slot - peaks[0]) / 4) ** 2)) + exp(-(((slot - peaks[1]) / 5) ** 2)) for slot in range(48)]
        total = level * factor * noise
        counts = tuple(float(poisson(chance, total * part / sum(shape))) for part in shape)
        found.append(Day(on, counts, kind))
    return found


def poisson(chance: Random, mean: float) -> int:
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count, left = count + 1, left + chance.expovariate(1)
    return count


@pytest.fixture(scope="module")
def measured() -> Sequence[Errors]:
    found = [errors(site(seed)) for seed in range(SEEDS)]
    return [one for one in found if one is not None]


def test_a_forecast_beats_the_same_weekday_of_last_week_at_every_site(measured: Sequence[Errors]) -> None:
    assert len(measured) == SEEDS
    assert [seed for seed, one in enumerate(measured) if one.wape >= one.naive] == []
    mean = sum(one.wape / one.naive for one in measured) / SEEDS
    assert mean < 0.85, f"misses are {mean:.2f} of those of last week's weekday"


def test_between_low_and_high_lie_eight_of_ten_days(measured: Sequence[Errors]) -> None:
    for one in measured:
        low, high = one.spread
        assert 0.3 < low < 1.05
        assert 0.95 < high < 2.5


def test_a_holiday_is_foreseen_as_what_holidays_were() -> None:
    days = [
        Day(MONDAY + timedelta(days=place), (40.0 if place in (20, 40, 60) else 100.0,) * 4, kind)
        for place in range(70)
        for kind in ["holiday" if place in (20, 40, 60) else ""]
    ]
    forecaster = Forecaster(days)
    ordinary = forecaster.day(MONDAY + timedelta(days=72))
    holiday = forecaster.day(MONDAY + timedelta(days=72), "holiday")
    assert ordinary.total == pytest.approx(400, rel=0.03)
    assert holiday.total < 0.8 * ordinary.total


def test_two_weeks_are_the_least_that_can_be_learnt_from() -> None:
    with pytest.raises(TooLittleKnown):
        Forecaster(site(1)[: FEWEST_DAYS - 1])
    assert errors(site(1)[:30]) is None


@given(st.lists(st.tuples(st.lists(st.integers(0, 10_000), min_size=4, max_size=4),
                          st.sampled_from(["", "holiday", "rest", "work"])), min_size=14, max_size=60))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whatever_happened_a_forecast_is_a_number_of_callers(past: list[tuple[list[int], str]]) -> None:
    days = [Day(MONDAY + timedelta(days=place), tuple(map(float, counts)), kind)
            for place, (counts, kind) in enumerate(past)]  # fmt: skip
    told = Forecaster(days).day(days[-1].on + timedelta(days=30))
    most = max(day.total for day in days)
    assert all(count >= 0 for count in told.counts)
    assert told.total <= 10 * most + 1
