"""The shift plan: what speaks against it, giving and undoing shifts, publishing, leave and swaps."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.db import Database
from crm_core.errors import Refused
from crm_core.shifts import actions, kinds, queries, wishes
from crm_core.shifts.checks import Against, Limits, conflicts
from crm_core.shifts.kinds import FIRST_KINDS, read_kind
from crm_core.shifts.times import Shift, stays
from crm_core.workforce.fields import Unusable

MONDAY = date(2026, 11, 30)
TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
LED = ("1001", "1002", "1003")
CHIEF = "2001"
EARLY = FIRST_KINDS[0]


def shift(agent: str, ahead: int, *, begins: int = 480, ends: int = 990, kind: str = "early") -> Shift:
    return Shift(agent=agent, day=MONDAY + timedelta(days=ahead), kind=kind, begins=begins, ends=ends)


def against(*planned: Shift, off: dict[str, frozenset[date]] | None = None, holidays=frozenset()):
    return [(one.agent, (one.day - MONDAY).days, one.why) for one in conflicts(planned, off or {}, holidays, Limits())]


def test_five_days_in_a_week_are_a_plan_against_which_nothing_speaks():
    assert against(*(shift("1001", day, begins=480, ends=990) for day in range(5))) == []


def test_an_early_shift_after_a_late_one_leaves_too_little_rest():
    late = shift("1001", 0, begins=810, ends=1320)
    assert against(late, shift("1001", 1)) == [("1001", 1, Against.REST)]
    assert against(late, shift("1001", 2)) == []
    assert against(late, shift("1002", 1)) == []


def test_the_shift_that_passes_44_hours_is_the_one_that_is_too_much():
    assert against(*(shift("1001", day) for day in range(6))) == [("1001", 5, Against.WEEK_HOURS)]


def test_the_seventh_day_without_one_off_counts_over_the_turn_of_the_week():
    short = [shift("1001", day, begins=540, ends=780) for day in range(-3, 4)]
    assert against(*short) == [("1001", 3, Against.DAYS_IN_ROW)]


def test_leave_and_holidays_are_told_of_the_day_they_fall_on():
    off = {"1001": frozenset([MONDAY])}
    assert against(shift("1001", 0), off=off) == [("1001", 0, Against.ABSENT)]
    assert against(shift("1001", 0), holidays=frozenset([MONDAY])) == [("1001", 0, Against.HOLIDAY)]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=7).map(lambda steps: [300 + sum(steps[:n]) for n in range(8)]))
def test_work_and_breaks_of_a_shift_follow_each_other_without_gap(edges: list[int]):
    breaks = tuple((a, b) for a, b in zip(edges[1:-1:2], edges[2:-1:2], strict=False) if a < b)
    one = Shift(agent="1", day=MONDAY, kind="x", begins=300, ends=max(edges[-1], 301), breaks=breaks)
    parts = list(one.stretches())
    assert parts[0][0] == 300
    assert parts[-1][1] == one.ends
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(parts))


def test_a_night_shift_over_a_clock_change_lasts_as_long_as_the_night():
    berlin = ZoneInfo("Europe/Berlin")
    night = Shift(agent="1", day=date(2026, 10, 24), kind="n", begins=22 * 60, ends=30 * 60)
    (only,) = stays(night, berlin)
    assert only.ends - only.starts == timedelta(hours=9)


def test_hours_past_midnight_and_breaks_after_it_are_read_as_they_are_written():
    typed = {"name_zh": "夜班", "name_en": "Night", "hours": "22:00-06:00", "pauses": "23:00-23:10, 02:00-02:30"}
    found = read_kind(typed)
    assert (found["begins"], found["ends"]) == (1320, 1800)
    assert found["breaks"] == [[1380, 1390], [1560, 1590]]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"hours": "8 to 16"}, "hours"),
        ({"hours": "04:00-21:00"}, "hours"),
        ({"pauses": "07:00-07:10"}, "pauses"),
        ({"pauses": "10:00-10:30, 10:20-10:40"}, "pauses"),
        ({"name_zh": ""}, "name_zh"),
    ],
)
def test_a_kind_that_cannot_be_meant_is_told_field_by_field(typed, field):
    whole = {"name_zh": "早班", "name_en": "Early", "hours": "08:00-16:30", "pauses": "10:00-10:10"} | typed
    with pytest.raises(Unusable) as refused:
        read_kind(whole)
    assert field in refused.value.by_field


async def give(db: Database, *cells: tuple[str, int, str], led=LED) -> int:
    async with db.begin() as session:
        wanted = [(agent, MONDAY + timedelta(days=ahead), kind) for agent, ahead, kind in cells]
        return await actions.set_cells(session, MONDAY, wanted, led=led, actor=CHIEF, at=NOW)


async def plan(db: Database, *, published: bool = False, week: date = MONDAY) -> set[tuple[str, int, str]]:
    async with db.begin() as session:
        found = await queries.shifts(session, week, week + timedelta(days=6), published=published)
        return {(one.agent, (one.day - week).days, one.kind) for one in found}


async def test_a_change_of_many_cells_is_undone_as_one_and_only_where_nobody_changed_them_since(db: Database):
    assert await give(db, ("1001", 0, "early"), ("1002", 0, "late")) == 2
    assert await give(db, ("1001", 0, "late"), ("1002", 1, "early")) == 2
    async with db.begin() as session:
        later = [("1002", MONDAY + timedelta(days=1), "middle")]
        await actions.set_cells(session, MONDAY, later, led=LED, actor="2011", at=NOW)
    async with db.begin() as session:
        assert await actions.undo(session, MONDAY, led=LED, actor=CHIEF) == 1
    assert await plan(db) == {("1001", 0, "early"), ("1002", 0, "late"), ("1002", 1, "middle")}
    async with db.begin() as session:
        await actions.undo(session, MONDAY, led=LED, actor=CHIEF)
    assert await plan(db) == {("1002", 1, "middle")}
    with pytest.raises(Refused):
        async with db.begin() as session:
            await actions.undo(session, MONDAY, led=LED, actor=CHIEF)


async def test_a_leader_plans_the_own_teams_only(db: Database):
    with pytest.raises(actions.NotTheirs):
        await give(db, ("1003", 0, "early"), led=LED[:2])
    assert await plan(db) == set()


async def test_the_week_before_is_copied_whole(db: Database):
    await give(db, ("1001", 0, "early"), ("1002", 6, "late"))
    after = MONDAY + timedelta(days=7)
    async with db.begin() as session:
        assert await actions.copy_week(session, after, led=LED, actor=CHIEF, at=NOW) == 2
    assert await plan(db, week=after) == {("1001", 0, "early"), ("1002", 6, "late")}


async def test_agents_see_what_was_published_and_hear_of_what_changed(db: Database):
    await give(db, ("1001", 0, "early"), ("1002", 0, "late"))
    assert await plan(db, published=True) == set()
    async with db.begin() as session:
        assert await actions.publish(session, MONDAY, led=LED, actor=CHIEF, at=NOW) == ["1001", "1002"]
    await give(db, ("1001", 0, ""))
    assert await plan(db, published=True) == {("1001", 0, "early"), ("1002", 0, "late")}
    async with db.begin() as session:
        assert await actions.publish(session, MONDAY, led=LED, actor=CHIEF, at=NOW) == ["1001"]
    assert await plan(db, published=True) == {("1002", 0, "late")}


async def test_a_kind_that_is_changed_leaves_given_shifts_as_they_were(db: Database):
    await give(db, ("1001", 0, "early"))
    typed = {"name_zh": "早班", "name_en": "Early", "hours": "07:00-15:30", "pauses": ""}
    async with db.begin() as session:
        await kinds.save_kind(session, "early", typed, actor=CHIEF, at=NOW)
        (one,) = await queries.shifts(session, MONDAY, MONDAY, published=False)
        assert one.begins == EARLY.begins
        assert next(iter(await kinds.kinds(session))).begins == 420


async def published(db: Database) -> None:
    await give(db, ("1001", 0, "early"), ("1002", 0, "late"), ("1003", 2, "early"))
    async with db.begin() as session:
        await actions.publish(session, MONDAY, led=LED, actor=CHIEF, at=NOW)


async def test_two_agents_swap_when_both_and_their_leader_agree(db: Database):
    await published(db)
    async with db.begin() as session:
        days = (MONDAY, MONDAY)
        wish = await wishes.ask_swap(session, "1001", "1002", days, "体检", today=TODAY, at=NOW)
        assert await queries.open_wishes(session, LED) == []
        with pytest.raises(wishes.NoSuchWish):
            await wishes.agree(session, wish.id, actor="1003", at=NOW, yes=True)
        await wishes.agree(session, wish.id, actor="1002", at=NOW, yes=True)
        assert [one.id for one in await queries.open_wishes(session, LED)] == [wish.id]
        await wishes.decide(session, wish.id, yes=True, answer="", led=LED, actor=CHIEF, at=NOW)
    expected = {("1001", 0, "late"), ("1002", 0, "early"), ("1003", 2, "early")}
    assert await plan(db, published=True) == expected
    assert await plan(db) == expected


async def test_shifts_of_two_days_change_their_owners(db: Database):
    await published(db)
    async with db.begin() as session:
        days = (MONDAY, MONDAY + timedelta(days=2))
        wish = await wishes.ask_swap(session, "1001", "1003", days, "", today=TODAY, at=NOW)
        await wishes.agree(session, wish.id, actor="1003", at=NOW, yes=True)
        await wishes.decide(session, wish.id, yes=True, answer="", led=LED, actor=CHIEF, at=NOW)
    assert await plan(db, published=True) == {("1003", 0, "early"), ("1002", 0, "late"), ("1001", 2, "early")}


async def test_approved_leave_takes_the_agent_off_the_plan_and_is_asked_for_once(db: Database):
    await published(db)
    async with db.begin() as session:
        days = (MONDAY, MONDAY + timedelta(days=1))
        wish = await wishes.ask_leave(session, "1001", "leave", days, "", today=TODAY, at=NOW)
        assert len(await queries.worked(session, MONDAY, MONDAY, published=True)) == 2
        with pytest.raises(Refused):
            await wishes.ask_leave(session, "1001", "illness", days, "", today=TODAY, at=NOW)
        with pytest.raises(wishes.NoSuchWish):
            await wishes.decide(session, wish.id, yes=True, answer="", led=("1002",), actor="2012", at=NOW)
        await wishes.decide(session, wish.id, yes=True, answer="", led=LED, actor=CHIEF, at=NOW)
        assert [one.agent for one in await queries.worked(session, MONDAY, MONDAY, published=True)] == ["1002"]
        with pytest.raises(wishes.AlreadyDecided):
            await wishes.decide(session, wish.id, yes=False, answer="", led=LED, actor=CHIEF, at=NOW)
        with pytest.raises(wishes.NoSuchWish):
            await wishes.withdraw(session, wish.id, actor="1002", today=TODAY, at=NOW)
        await wishes.withdraw(session, wish.id, actor="1001", today=TODAY, at=NOW)
        assert len(await queries.worked(session, MONDAY, MONDAY, published=True)) == 2
