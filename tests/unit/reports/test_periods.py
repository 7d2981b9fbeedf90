"""A report's time: days of the site, cut without gap, also where the clock changes."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import LONGEST_DAYS, Compare, Period, PeriodProblem, Step

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@given(
    first=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    days=st.integers(1, 31),
    step=st.sampled_from(Step),
    zone=st.sampled_from((SHANGHAI, BERLIN)),
)
def test_steps_follow_each_other_without_gap_and_fill_the_period(
    first: date, days: int, step: Step, zone: ZoneInfo
) -> None:
    period = Period(first=first, last=first + timedelta(days=days - 1), step=step, zone=zone)
    spans = period.spans()
    assert (spans[0].start, spans[-1].end) == (period.start, period.end)
    assert all(one.end == following.start for one, following in itertools.pairwise(spans))


def test_the_day_the_clock_goes_back_has_fifty_half_hours() -> None:
    day = date(2026, 10, 25)
    assert len(Period(first=day, last=day, step=Step.HALF_HOUR, zone=BERLIN).spans()) == 50


def test_months_and_weeks_are_cut_by_the_period() -> None:
    months = Period(first=date(2026, 1, 15), last=date(2026, 3, 2), step=Step.MONTH, zone=SHANGHAI).spans()
    assert [span.day for span in months] == [date(2026, 1, 15), date(2026, 2, 1), date(2026, 3, 1)]
    weeks = Period(first=date(2026, 11, 26), last=date(2026, 12, 6), step=Step.WEEK, zone=SHANGHAI).spans()
    assert [span.day for span in weeks] == [date(2026, 11, 26), date(2026, 11, 30)]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), "end_before_start"),
        (date(2006, 1, 1), date(2026, 1, 1), "too_long"),
        (date(1026, 1, 1), date(1026, 1, 2), "no_day"),
    ],
)
def test_what_is_no_period_is_refused_with_the_reason(first: date, last: date, code: str) -> None:
    with pytest.raises(PeriodProblem) as refused:
        Period(first=first, last=last, step=Step.MONTH, zone=SHANGHAI)
    assert refused.value.code == code


def test_a_period_is_compared_with_the_same_weekdays() -> None:
    thursday = Period(first=date(2026, 11, 26), last=date(2026, 11, 26), step=Step.HALF_HOUR, zone=SHANGHAI)
    assert thursday.compared(Compare.NOTHING) is None
    for compare, first in (
        (Compare.BEFORE, date(2026, 11, 25)),
        (Compare.WEEK, date(2026, 11, 19)),
        (Compare.YEAR, date(2025, 11, 27)),
    ):
        earlier = thursday.compared(compare)
        assert earlier is not None
        assert earlier.first == first


def test_twenty_years_by_quarters_of_an_hour_are_too_many() -> None:
    assert LONGEST_DAYS[Step.QUARTER] == 31
