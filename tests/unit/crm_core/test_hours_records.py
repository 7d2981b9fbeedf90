"""Calendars with their holidays and swapped workdays, as saved by people; the emergency switch."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from crm_core.access.chain import verify
from crm_core.db import Database
from crm_core.errors import Refused
from crm_core.workforce.fields import Unusable
from crm_core.workforce.holidays import HolidaysUnreadable, read_year, shipped_year
from crm_core.workforce.hours_actions import (
    calendar_state,
    close_hotline,
    open_hotline,
    remove_calendar,
    save_calendar,
    with_special_days,
)
from crm_core.workforce.hours_queries import calendar_of, calendars, calendars_stamp, closure_of, closures_now
from crm_core.workforce.restore import restore
from crm_core.workforce.spans import SpansWrong, read_spans, write_spans
from tests.unit.crm_core.builders import NOW

BY: dict[str, Any] = {"actor": "9001", "at": NOW}
SPLIT = read_spans("08:30-12:00, 13:00-17:30")
OFFICE: dict[str, Any] = {
    "name_zh": "售后热线",
    "name_en": "After-sales",
    "entries": [],
    "week": [SPLIT] * 5 + [[], []],
    "days": [],
}

NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


async def save(db: Database, calendar: str = "office", base: int | None = None, **given: Any):
    async with db.begin() as session:
        return await save_calendar(session, calendar, {**OFFICE, **given}, base=base, **BY)


async def refused(db: Database, **given: Any) -> set[str]:
    with pytest.raises(Unusable) as told:
        await save(db, **given)
    return set(told.value.by_field)


def test_the_notice_of_the_state_council_is_read_as_it_is_published():
    assert read_year(NOTICE, year=1999) == shipped_year(2026)
    assert sum(day.kind == "holiday" for day in shipped_year(2026)) == 33
    assert sum(day.kind == "workday" for day in shipped_year(2026)) == 6
    assert shipped_year(2020) == []


@pytest.mark.parametrize("line", ["2027-01-01, holiday, New Year", "2027/1/1\t放假\t元旦", "2027年1月1日，休，元旦"])
def test_a_list_of_days_is_read_too(line: str):
    (day,) = read_year(line, year=2027)
    assert (day.day, day.kind) == (date(2027, 1, 1), "holiday")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "2027-02-30, holiday, x",
        "2027-01-01, party, x",
        "2027-01-01, holiday\n2027-01-01, workday",
        "一、元旦：没有日期。",
        "一、元旦：1月1日至12月31日放假。",
    ],
)
def test_text_that_is_no_list_of_holidays_is_refused(text: str):
    with pytest.raises(HolidaysUnreadable):
        read_year(text, year=2027)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("closed", []),
        ("08:30-12:00，13:00-17:30", SPLIT),
        ("8:30–12:00; 13:00~17:30", SPLIT),
        ("00:00-24:00", [[0, 1440]]),
    ],
)
def test_hours_are_read_as_people_type_them(text: str, spans: list[list[int]]):
    assert read_spans(text) == spans
    assert read_spans(write_spans(spans)) == spans


@pytest.mark.parametrize(
    "text", ["8-9", "08:30", "09:00-08:00", "08:00-25:00", "08:61-09:00", "08:00-12:00, 11:00-13:00"]
)
def test_hours_that_cannot_be_meant_are_refused(text: str):
    with pytest.raises(SpansWrong):
        read_spans(text)


async def test_a_calendar_is_saved_with_its_holidays_and_every_save_moves_the_stamp(db: Database):
    await save(db, base=0)
    async with db.begin() as session:
        (row,) = await calendars(session)
        first = await calendars_stamp(session)
        state = with_special_days(calendar_state(row), shipped_year(2026))
        await save_calendar(session, "office", state, base=1, **BY)
    async with db.begin() as session:
        (row,) = await calendars(session)
        days = {day.day: (day.kind, day.as_weekday) for day in row.days}
        assert days[date(2026, 10, 10)] == ("workday", 0)
        assert days[date(2026, 10, 1)] == ("holiday", 0)
        assert len(days) == 39
        assert await calendars_stamp(session) > first
        # the same year pasted again changes nothing
        again = with_special_days(calendar_state(row), shipped_year(2026))
        assert await save_calendar(session, "office", again, base=2, **BY) is None


async def test_wrong_hours_are_told_by_weekday_and_nothing_is_saved(db: Database):
    bad = [*OFFICE["week"][:2], [[600, 540]], *OFFICE["week"][3:]]
    assert await refused(db, week=bad, name_en="") == {"wed", "name_en"}
    assert await refused(db, week=[[]] * 7) == {"mon"}
    day: dict[str, Any] = {"day": "2026-02-30", "kind": "holiday", "name": "", "as_weekday": 0, "spans": []}
    assert await refused(db, days=[day]) == {"days"}
    assert await refused(db, days=[{**day, "day": "2026-02-03", "kind": "hours"}]) == {"days"}
    assert await refused(db, calendar="../x") == {"id"}
    async with db.begin() as session:
        assert await calendars(session) == []


async def test_each_number_has_one_calendar_and_the_others_share_the_general_one(db: Database):
    await save(db)
    await save(db, "sales", entries=["8008201111"])
    assert await refused(db, calendar="third", entries=["8008201111"]) == {"entries"}
    assert await refused(db, calendar="fourth") == {"entries"}
    async with db.begin() as session:
        rows = await calendars(session)
        assert calendar_of(rows, "8008201111").id == "sales"
        assert calendar_of(rows, "4001718888").id == "office"
        with pytest.raises(Refused):
            await remove_calendar(session, "office", base=None, **BY)
        gone = await remove_calendar(session, "sales", base=None, **BY)
        assert calendar_of(await calendars(session), "8008201111").id == "office"
        await restore(session, gone.id, undo=True, base=None, **BY)
        assert calendar_of(await calendars(session), "8008201111").id == "sales"


async def close(db: Database, *entries: str, hours: float | None = None, prompt: str = "closure"):
    ends_at = NOW + timedelta(hours=hours) if hours is not None else None
    async with db.begin() as session:
        return await close_hotline(session, entries=entries, prompt=prompt, reason="停电", ends_at=ends_at, **BY)


async def in_force(db: Database, entry: str, hours: float = 0.0) -> str:
    async with db.begin() as session:
        found = closure_of(await closures_now(session, NOW + timedelta(hours=hours)), entry)
        return found.prompt if found else ""


async def test_a_closure_holds_at_once_for_its_numbers_until_its_end_or_until_opened(db: Database):
    one = await close(db, "4001718888", hours=2)
    assert await in_force(db, "4001718888") == "closure"
    assert await in_force(db, "8008201111") == ""
    assert await in_force(db, "4001718888", hours=2) == ""
    everything = await close(db, prompt="closure-storm")
    assert await in_force(db, "4001718888") == "closure-storm"
    async with db.begin() as session:
        await open_hotline(session, everything.id, **BY)
        await open_hotline(session, everything.id, **BY)
        await open_hotline(session, one.id, **BY)
        assert (await verify(session)).checked == 3
    assert await in_force(db, "4001718888") == ""


async def test_a_closure_of_one_number_leaves_a_general_one_in_force_for_the_others(db: Database):
    await close(db)
    await close(db, "4001718888", prompt="closure-storm")
    assert await in_force(db, "4001718888") == "closure-storm"
    assert await in_force(db, "8008201111") == "closure"


async def test_a_closure_needs_a_reason_a_prompt_and_an_end_to_come(db: Database):
    async with db.begin() as session:
        with pytest.raises(Unusable) as told:
            await close_hotline(session, entries=["x"], prompt="../x", reason=" ", ends_at=NOW, **BY)
    assert set(told.value.by_field) == {"entries", "prompt", "reason", "ends_at"}
