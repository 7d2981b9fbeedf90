"""Every interval of a report says what the rows say, wherever it is cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.history.model import AgentStint, Contact, Leg
from reports.intervals import AgentInterval, agent_intervals
from reports.metrics import OCCUPANCY
from reports.periods import Period, Step
from reports.tallies import AgentFigures
from tests.empty_databases import sqlite_database

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 16)
NINE = datetime(2026, 7, 16, 1, tzinfo=UTC)  # nine o'clock in Shanghai
LATER = NINE + timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = sqlite_database(tmp_path / "site.db")
    yield opened
    await opened.close()


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def stint(state: str, began: float, ended: float | None, agent: str = "1001") -> AgentStint:
    return AgentStint(agent=agent, state=state, began_at=at(began), ended_at=None if ended is None else at(ended))


def call(number: int, *, direction: str = "inbound") -> Contact:
    return Contact(id=f"c{number}", direction=direction, started_at=at(0))


def leg(number: int, offered: float, answered: float | None, ended: float, result: str, **more: str) -> Leg:
    known = {"why": "longest_idle", "queue": "repair", "agent": "1001"} | more
    return Leg(
        id=f"c{number}-{offered}",
        contact_id=f"c{number}",
        offered_at=at(offered),
        answered_at=None if answered is None else at(answered),
        ended_at=at(ended),
        result=result,
        **known,
    )


async def half_hours_from_nine(session: AsyncSession, now: datetime = LATER) -> list[AgentInterval]:
    period = Period(first=DAY, last=DAY, step=Step.HALF_HOUR, zone=SHANGHAI)
    return [one for one in await agent_intervals(session, period, now=now) if one.span.start >= NINE]


async def test_a_state_counts_in_each_half_hour_it_reaches_into(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([stint("ready", -10, 20), stint("talking", 20, 65), stint("break", 65, 70)])
        first, second, third, *_ = await half_hours_from_nine(session)
    assert first.agents["1001"] == AgentFigures(ready=20 * 60, talking=10 * 60)
    assert second.agents["1001"] == AgentFigures(talking=30 * 60)
    assert third.agents["1001"] == AgentFigures(talking=5 * 60, pause=5 * 60)


async def test_a_state_that_lasts_counts_up_to_now(database: Database) -> None:
    async with database.begin() as session:
        session.add(stint("ready", 5, None))
        first, second, third, *_ = await half_hours_from_nine(session, now=at(40))
    assert (first.total.ready, second.total.ready, third.agents) == (25 * 60, 10 * 60, {})


async def test_a_night_shift_is_shared_between_its_two_days(database: Database) -> None:
    async with database.begin() as session:
        session.add(AgentStint(agent="1001", state="ready", began_at=at(14 * 60), ended_at=at(16 * 60)))
        period = Period(first=DAY, last=DAY + timedelta(days=1), step=Step.DAY, zone=SHANGHAI)
        days = await agent_intervals(session, period, now=LATER + timedelta(days=1))
    assert [day.total.ready for day in days] == [3600, 3600]


async def test_an_offer_counts_when_it_was_made_and_a_talk_when_it_ended(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([call(1), call(2), call(3)])
        session.add_all([leg(1, 29, 29.1, 31, "answered"), leg(2, 10, None, 10.3, "no_answer")])
        session.add_all([leg(3, 11, None, 11.2, "withdrawn")])
        first, second, *_ = await half_hours_from_nine(session)
    assert first.agents["1001"] == AgentFigures(offered=3, missed=1)
    assert second.agents["1001"] == AgentFigures(handled=1)


async def test_a_call_the_agent_made_was_offered_by_nobody(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([call(1, direction="outbound"), call(2), leg(2, 3, 3, 5, "answered", why="picked_up")])
        session.add(leg(1, 1, 1.2, 2, "answered", why="", queue=""))
        first, *_ = await half_hours_from_nine(session)
    assert first.agents["1001"] == AgentFigures(handled=2, outbound=1)


async def test_the_leg_of_a_dealer_is_no_agents(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([call(1), leg(1, 1, 2, 3, "answered", agent="", kind="dealer")])
        first, *_ = await half_hours_from_nine(session)
    assert first.agents == {}


async def test_only_the_agents_asked_for_are_told_of(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([stint("ready", 0, 10), stint("ready", 0, 10, agent="1002")])
        period = Period(first=DAY, last=DAY, step=Step.MONTH, zone=SHANGHAI)
        (month,) = await agent_intervals(session, period, ["1002"], now=LATER)
    assert list(month.agents) == ["1002"]


async def test_the_figures_of_an_interval_make_the_metrics_of_agents(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([stint("ready", 0, 9), stint("ringing", 9, 10), stint("talking", 10, 15)])
        session.add_all([stint("wrap_up", 15, 20), stint("break", 20, 30)])
        first, *_ = await half_hours_from_nine(session)
    assert OCCUPANCY.of(first.total.times).value == pytest.approx(0.5)
