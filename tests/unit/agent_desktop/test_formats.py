"""How numbers, times and identities read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agent_desktop import formats

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = date(2026, 7, 16)


@pytest.mark.parametrize(
    ("seconds", "text"), [(198, "03:18"), (3798, "1:03:18"), (0, "00:00"), (-3, "00:00"), (None, "—")]
)
def test_a_talk_time_shows_hours_only_when_it_has_them(seconds: float | None, text: str):
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("on", "zh", "en"),
    [
        (date(2026, 7, 16), "今天", "Today"),
        (date(2026, 7, 15), "昨天", "Yesterday"),
        (date(2026, 7, 13), "周一", "Mon"),
        (date(2026, 7, 9), "7-09", "9 Jul"),
        (date(2025, 11, 3), "2025-11-03", "2025-11-03"),
    ],
)
def test_a_day_is_said_as_people_say_it(on: date, zh: str, en: str):
    assert (formats.day(on, THURSDAY, "zh-CN"), formats.day(on, THURSDAY, "en")) == (zh, en)


def test_a_moment_is_told_in_the_time_of_the_site():
    late = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
    assert formats.moment(late, datetime(2026, 7, 16, 2, tzinfo=UTC), SHANGHAI, "zh-CN") == "今天 00:30"


def test_nothing_to_measure_is_never_zero_percent():
    assert (formats.rate(None), formats.rate(0.0), formats.rate(0.7934)) == ("—", "0.0%", "79.3%")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613812347706", "138 **** 7706"),
        ("+8643185003318", "0431 **** 3318"),
        ("+862155667788", "021 **** 7788"),
        ("1018", "1018"),
        ("", "暂缺"),
    ],
)
def test_a_number_on_a_screen_is_masked(number: str, shown: str):
    assert formats.masked_number(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("4001718888", "400-171-8888"),
        ("043188883318", "0431-8888-3318"),
        ("01062001111", "010-6200-1111"),
        ("95588", "95588"),
        ("+4930", "+4930"),
    ],
)
def test_a_number_of_ours_stands_in_the_groups_in_which_it_is_advertised(number: str, shown: str):
    assert formats.hotline_number(number) == shown


def test_a_plate_reads_as_on_the_car_and_new_energy_is_green():
    assert formats.plate_text("吉AD30618") == "吉A·D30618"
    assert (formats.is_new_energy_plate("吉AD30618"), formats.is_new_energy_plate("吉A7K28M")) == (True, False)


def test_a_deadline_shows_what_is_left_or_by_how_much_it_passed():
    assert formats.time_left(7 * 3600 + 18 * 60, "zh-CN") == "剩 7 小时 18 分"
    assert formats.time_left(-86400, "zh-CN") == "超 1 天"
