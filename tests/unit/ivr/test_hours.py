"""When the hotline is open."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_core.workforce.opening_hours import calendar_hours
from ivr.hours import WEEKDAYS, HoursUnreadable, read_hours, shipped_hours

TABLE = """
zone: Asia/Shanghai
week: {mon: "08:30-12:00, 13:00-17:30", tue: 08:30-17:30, wed: 08:30-17:30, thu: 08:30-17:30,
       fri: 08:30-17:30, sat: closed, sun: closed}
days:
  2026-10-01: closed          # national day
  2026-10-10: 08:30-17:30     # a Saturday worked for it
"""
HOURS = read_hours(TABLE)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(date, clock):
    month, day = date
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ((11, 23), "08:29", False),
        ((11, 23), "08:30", True),
        ((11, 23), "12:00", False),  # the lunch break of a split day
        ((11, 23), "13:00", True),
        ((11, 23), "17:30", False),
        ((11, 21), "10:00", False),  # a Saturday
        ((10, 1), "10:00", False),  # a holiday on a Thursday
        ((10, 10), "10:00", True),  # a swapped workday
    ],
)
def test_the_hotline_is_open_by_the_table(day, clock, expected):
    assert HOURS.is_open(at(day, clock)) is expected


def test_the_zone_of_the_site_counts_and_not_that_of_the_clock():
    assert HOURS.is_open(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))  # 09:00 in Shanghai


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        HOURS.is_open(datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001


def test_the_next_opening_skips_holidays_and_breaks():
    assert HOURS.opens_next(at((9, 30), "18:00")) == at((10, 2), "08:30")
    assert HOURS.opens_next(at((11, 23), "12:30")) == at((11, 23), "13:00")
    assert HOURS.opens_next(at((10, 9), "18:00")) == at((10, 10), "08:30")


def test_a_hotline_that_never_opens_has_no_next_opening():
    never = read_hours("zone: Asia/Shanghai\nweek:\n" + "".join(f"  {day}: closed\n" for day in WEEKDAYS))
    assert never.opens_next(at((1, 1), "00:00")) is None


def test_the_shipped_hotline_is_staffed_round_the_clock():
    hours = shipped_hours()
    assert all(hours.is_open(at((11, 22), f"{hour}:59")) for hour in range(24))
    assert hours.on(date(2026, 11, 22))[0].ends == 24 * 60


@pytest.mark.parametrize(
    "changed",
    [
        ("08:30-17:30", "17:30-08:30"),
        ("08:30-17:30", "8h-9h"),
        ("08:30-17:30", "08:30-25:00"),
        ("13:00-17:30", "11:00-17:30"),
        ("Asia/Shanghai", "Asia/Nowhere"),
        ("sun: closed", "son: closed"),
        ("2026-10-01", "first of October"),
        ("zone:", "- zone:"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(changed):
    with pytest.raises(HoursUnreadable):
        read_hours(TABLE.replace(*changed))


def test_a_swapped_saturday_has_the_hours_of_the_monday_it_stands_for():
    office = [[510, 720], [780, 1050]]
    days = [(date(2026, 10, 10), "workday", 0, []), (date(2026, 10, 9), "holiday", 0, [])]
    days.append((date(2026, 12, 31), "hours", 0, [[540, 720]]))
    hours = calendar_hours(SHANGHAI, [office] * 5 + [[], []], days)
    assert [hours.is_open(at((10, 10), clock)) for clock in ("08:29", "08:30", "12:00", "13:00", "17:30")] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert not hours.is_open(at((10, 9), "10:00"))
    assert not hours.is_open(at((10, 11), "10:00"))  # the Sunday stays a Sunday
    assert hours.is_open(at((12, 31), "11:00"))
    assert not hours.is_open(at((12, 31), "14:00"))


def test_the_next_change_is_told_from_either_side():
    assert HOURS.changes_next(at((11, 23), "09:00")) == at((11, 23), "12:00")
    assert HOURS.changes_next(at((11, 23), "12:30")) == at((11, 23), "13:00")
    assert HOURS.changes_next(at((11, 20), "18:00")) == at((11, 23), "08:30")


def test_midnight_between_two_open_days_is_no_change():
    nights = calendar_hours(SHANGHAI, [[[0, 1440]]] * 6 + [[[0, 720]]], [])
    assert nights.changes_next(at((11, 20), "23:59")) == at((11, 22), "12:00")
    assert nights.is_open(at((11, 22), "00:00"))
    assert shipped_hours().changes_next(at((11, 20), "23:59")) is None
