"""What the dealers' rules say: when to call, what is missing, which slot is free, who stands where."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.dealers import care_rules, daily_rules
from crm_core.dealers.care_rules import Rules
from crm_core.dealers.scorecard import BY_WORD, Tally, months_back, ranked, total
from crm_core.dealers.slots import Busy, day_slots, is_free, most_at_once
from crm_core.dealers.supply_flow import OVER, STEPS, Act, Status, acts_at, step
from crm_core.errors import Refused

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 26)
HOUR = timedelta(hours=1)
NINE = datetime(2026, 11, 26, 9, tzinfo=ZONE)


def test_the_second_call_must_come_after_the_first():
    wrong = care_rules.problems(Rules(first_call_days=30, second_call_days=28))
    assert [one.values["field"] for one in wrong] == ["second_call_days"]


@pytest.mark.parametrize(
    ("birthday", "today", "expected"),
    [
        ("12-01", DAY, date(2026, 12, 1)),
        ("11-26", DAY, DAY),
        ("01-05", DAY, date(2027, 1, 5)),
        ("02-29", date(2027, 2, 20), date(2027, 2, 28)),
        ("02-29", date(2028, 2, 20), date(2028, 2, 29)),
        ("13-40", DAY, None),
        ("", DAY, None),
    ],
)
def test_a_birthday_comes_every_year_also_on_a_leap_day(birthday, today, expected):
    assert care_rules.next_birthday(birthday, today) == expected


def test_today_is_missing_only_after_its_hour():
    before, after = datetime(2026, 11, 26, 17, 59, tzinfo=ZONE), datetime(2026, 11, 26, 18, 0, tzinfo=ZONE)
    first = DAY - timedelta(2)
    assert daily_rules.missing({first}, first, before, 1080, ZONE) == [DAY - timedelta(1)]
    assert daily_rules.missing({first}, first, after, 1080, ZONE) == [DAY, DAY - timedelta(1)]


def test_a_slot_is_free_while_a_technician_is_and_work_ends_before_closing():
    busy = [Busy(NINE, NINE + 2 * HOUR, 1), Busy(NINE, NINE + HOUR, None)]
    slots = day_slots(DAY, ((540, 720),), busy, 2, HOUR, zone=ZONE)
    assert [(f"{slot.begins:%H:%M}", slot.free) for slot in slots] == [
        ("09:00", 0),
        ("09:30", 0),
        ("10:00", 1),
        ("10:30", 1),
        ("11:00", 2),
    ]
    assert not is_free(busy, 1, NINE + HOUR, NINE + 3 * HOUR)
    assert is_free(busy, 1, NINE + 2 * HOUR, NINE + 3 * HOUR)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=12))
def test_never_more_at_once_than_there_are_bookings_and_touching_ones_do_not_meet(stretches):
    busy = [Busy(NINE + begin * HOUR, NINE + (begin + length) * HOUR, None) for begin, length in stretches]
    most = most_at_once(busy, NINE, NINE + 30 * HOUR)
    assert most <= len(busy)
    if busy:
        assert most >= 1
    chain = [Busy(NINE + place * HOUR, NINE + (place + 1) * HOUR, None) for place in range(5)]
    assert most_at_once(chain, NINE, NINE + 5 * HOUR) == 1


@given(st.lists(st.sampled_from(list(Act)), max_size=8))
def test_an_order_only_goes_forward_and_ends(acts):
    status = Status.REQUESTED
    for act in acts:
        if (status, act) in STEPS:
            status = step(status, act)
            continue
        with pytest.raises(Refused):
            step(status, act)
        assert act not in acts_at(status, dealer=True) + acts_at(status, dealer=False)
    assert status not in OVER or not [one for one in STEPS if one[0] is status]


def test_a_networks_rate_is_that_of_its_cases_not_the_mean_of_its_dealers():
    assert total([Tally(1, 1), Tally(0, 9)]).value == pytest.approx(0.1)
    assert Tally().value is None


def test_equal_dealers_share_a_place_and_who_has_nothing_to_measure_has_none():
    values = {1: Tally(9, 10), 2: Tally(18, 20), 3: Tally(), 4: Tally(5, 10)}
    assert [(dealer, place) for dealer, _, place in ranked(values, BY_WORD["in_time"])] == [
        (1, 1),
        (2, 1),
        (4, 3),
        (3, None),
    ]
    fewer_days_first = ranked({1: Tally(30, 10), 2: Tally(10, 10)}, BY_WORD["complaint_days"])
    assert [dealer for dealer, *_ in fewer_days_first] == [2, 1]


def test_the_last_months_are_half_open_and_meet():
    months = months_back(date(2026, 2, 3), 4, ZONE)
    assert [one.word for one in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert all(one.end == following.start for one, following in pairwise(months))
