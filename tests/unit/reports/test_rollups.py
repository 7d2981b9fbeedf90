"""What is stored equals a recount of the rows: for every metric, every step and zone, whatever order things came in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Base, Database
from crm_core.figures.marking import forget_figures
from crm_core.figures.model import AgentDay, AgentSlot, FigureDue, QueueDay, QueueSlot
from crm_core.figures.thresholds import note_thresholds
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit
from crm_core.workforce.model import QueueRow
from reports.intervals import agent_intervals, queue_intervals, staff_intervals, whole_intervals
from reports.metrics import AGENT_METRICS, QUEUE_METRICS, QueueCounts
from reports.periods import Period, Step
from reports.rollups import build, count_days, count_due
from reports.tallies import STATE_FIELDS
from tests.empty_databases import sqlite_database
from tests.unit.reports import recount

ZONES = ("Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")
SUNDAY = date(2026, 10, 25)  # the clock goes back in Berlin; in Lord Howe it went forward by half an hour on the 4th
QUEUES, AGENTS = ("repair", "rescue"), ("1001", "1002")
LIMITS = {"repair": recount.Limits(20, 5), "rescue": recount.Limits(10, 0)}
STORED = (QueueSlot, QueueDay, AgentSlot, AgentDay)


@asynccontextmanager
async def a_site(zone: str) -> AsyncIterator[Database]:
    with TemporaryDirectory() as folder:
        database = sqlite_database(Path(folder) / "site.db")
        try:
            async with database.begin() as session:
                for queue, (service, short) in LIMITS.items():
                    names = {"name_zh": queue, "name_en": queue, "skill": queue}
                    session.add(QueueRow(id=queue, service_seconds=service, short_abandon_seconds=short, **names))
            await build(database, ZoneInfo(zone))
            yield database
        finally:
            await database.close()


async def count_everything(database: Database) -> None:
    counted = 1
    while counted:
        async with database.begin() as session:
            counted = await count_due(session, limit=7)


class Chance:
    """A seeded teller of rows around the night in which clocks change."""

    def __init__(self, seed: int, zone: str) -> None:
        self.dice = random.Random(seed)
        self.zone = ZoneInfo(zone)
        self.start = datetime(2026, 10, 23, 20, tzinfo=UTC)
        self.number = 0

    def moment(self) -> datetime:
        at = self.start + timedelta(microseconds=self.dice.randrange(3 * 86_400_000_000))
        if self.dice.random() < 0.2:  # on the edge of a quarter, or of a day
            at = at.replace(minute=15 * self.dice.randrange(4), second=0, microsecond=0)
        return at

    def wait(self) -> timedelta:
        seconds = self.dice.choice((0, 4, 5, 10, 20, self.dice.randrange(90)))
        return timedelta(seconds=seconds, microseconds=self.dice.choice((0, 0, 1, 999_999)))

    def rows(self) -> list[Base]:
        self.number += 1
        kind, dice, at = self.dice.random(), self.dice, self.moment()
        if kind < 0.45:
            return self.contact(at, [self.visit(at) for _ in range(dice.randrange(1, 3))])
        if kind < 0.75:
            return self.contact(at, [self.leg(at) for _ in range(dice.randrange(1, 3))])
        ended = None if dice.random() < 0.1 else at + dice.choice((self.wait(), timedelta(hours=dice.random() * 30)))
        state = dice.choice((*STATE_FIELDS, "elsewhere"))
        return [AgentStint(agent=dice.choice(AGENTS), state=state, began_at=at, ended_at=ended)]

    def contact(self, at: datetime, parts: list[Base]) -> list[Base]:
        direction = self.dice.choice(("inbound", "inbound", "outbound"))
        return [Contact(id=f"c{self.number}", direction=direction, started_at=at), *parts]

    def visit(self, at: datetime) -> QueueVisit:
        words = ("answered", "abandoned", "callback", "voicemail", "overflow", "lost", "turned_away", None)
        wait, result = self.wait(), self.dice.choice((*words, "answered", "abandoned"))
        visit = QueueVisit(contact_id=f"c{self.number}", queue=self.dice.choice(QUEUES), entered_at=at)
        if result is not None:
            visit.result, visit.left_at, visit.wait_seconds = result, at + wait, wait.total_seconds()
        return visit

    def leg(self, at: datetime) -> Leg:
        dice = self.dice
        leg = Leg(id=f"c{self.number}-{dice.random()}", contact_id=f"c{self.number}", offered_at=at)
        leg.agent, leg.queue = dice.choice((*AGENTS, "")), dice.choice((*QUEUES, ""))
        leg.why = dice.choice(("longest_idle", "dialled", "picked_up", "consult", ""))
        leg.result = dice.choice(("answered", "no_answer", "declined", "withdrawn"))
        if leg.result == "answered":
            leg.answered_at = at + self.wait()
        if dice.random() < 0.9:
            leg.ended_at = (leg.answered_at or at) + self.wait()
        return leg


async def rows_of(session: AsyncSession, table: type[Base]) -> list[dict[str, Any]]:
    columns = table.__table__.columns
    order = list(table.__table__.primary_key)
    return [dict(row._mapping) for row in await session.execute(select(*columns).order_by(*order))]


async def stored(database: Database) -> dict[str, list[dict[str, Any]]]:
    async with database.begin() as session:
        return {table.__tablename__: await rows_of(session, table) for table in STORED}


def limits_of(visit: dict[str, Any]) -> recount.Limits:
    return LIMITS[visit["queue"]]


async def assert_told_as_counted(database: Database, period: Period, now: datetime, limits=limits_of) -> None:
    async with database.begin() as session:
        visits, stints = await rows_of(session, QueueVisit), await rows_of(session, AgentStint)
        directions = {one["id"]: one["direction"] for one in await rows_of(session, Contact)}
        legs = [leg | {"direction": directions[leg["contact_id"]]} for leg in await rows_of(session, Leg)]
        queues = await queue_intervals(session, period)
        whole = await whole_intervals(session, period)
        first = await whole_intervals(session, period, [QUEUES[0]])
        agents = await agent_intervals(session, period, now=now)
        staff = await staff_intervals(session, period, now=now)
    for person, worked in zip(staff, agents, strict=True):
        assert asdict(person) == pytest.approx(asdict(worked.total), abs=1e-6)
    for together, interval in zip(whole, queues, strict=True):
        assert asdict(together.total) == pytest.approx(asdict(interval.total), abs=1e-6)
        assert together.span == interval.span
    for alone, interval in zip(first, queues, strict=True):
        assert alone.total == interval.queues.get(QUEUES[0], QueueCounts())
    ended = [stint | {"ended_at": stint["ended_at"] or now} for stint in stints]
    for interval in queues:
        start, end = interval.span.start, interval.span.end
        for queue in QUEUES:
            counted = recount.Counted(recount.visits_between(visits, queue, start, end), limits)
            assert (queue in interval.queues) == bool(counted.O + counted.overflowed)
            if queue in interval.queues:
                told = {name: metric.of(interval.queues[queue]) for name, metric in QUEUE_METRICS.items()}
                assert told == {name: (float(over), under) for name, (over, under) in counted.metrics().items()}
    for worked in agents:
        start, end = worked.span.start, worked.span.end
        for agent in AGENTS:
            spent = {state: recount.seconds_in(ended, agent, state, start=start, end=end) for state in STATE_FIELDS}
            calls = recount.calls_in(legs, agent, start, end)
            assert (agent in worked.agents) == any([*spent.values(), *calls.values()])
            if agent in worked.agents:
                figures = worked.agents[agent]
                told = {name: metric.of(figures.times) for name, metric in AGENT_METRICS.items()}
                by_hand = recount.agent_metrics(spent, calls["handled"]).items()
                assert told == {name: pytest.approx((float(over), float(under))) for name, (over, under) in by_hand}
                seconds = {state: float(exact) for state, exact in spent.items()}
                assert {state: getattr(figures, name) for state, name in STATE_FIELDS.items()} == seconds
                assert {name: getattr(figures, name) for name in calls} == calls


@given(seed=st.integers(0, 2**32), zone=st.sampled_from(ZONES), step=st.sampled_from(Step))
@settings(max_examples=10, phases=[Phase.generate])  # a smaller seed is no simpler one
def test_every_metric_is_what_a_recount_of_the_rows_says(seed: int, zone: str, step: Step) -> None:
    asyncio.run(_every_metric(seed, zone, step))


async def _every_metric(seed: int, zone: str, step: Step) -> None:
    chance = Chance(seed, zone)
    now = chance.start + timedelta(days=2, hours=5)
    period = Period(first=SUNDAY - timedelta(days=2), last=SUNDAY + timedelta(days=2), step=step, zone=ZoneInfo(zone))
    async with a_site(zone) as database:
        for _ in range(4):
            async with database.begin() as session:
                session.add_all(row for _ in range(8) for row in chance.rows())
            await assert_told_as_counted(database, period, now)  # nothing of it is counted yet
            if chance.dice.random() < 0.7:
                async with database.begin() as session:
                    await count_due(session, limit=chance.dice.randrange(1, 400))
            await _correct_some(database, chance)
        await assert_told_as_counted(database, period, now)
        await count_everything(database)
        await assert_told_as_counted(database, period, now)
        await _assert_same_after_rebuild(database, zone)


async def _correct_some(database: Database, chance: Chance) -> None:
    async with database.begin() as session:
        for table in (QueueVisit, AgentStint, Leg, Contact):
            rows = list(await session.scalars(select(table)))
            for row in chance.dice.sample(rows, min(2, len(rows))):
                match row:
                    case QueueVisit():
                        row.queue, row.entered_at = chance.dice.choice(QUEUES), chance.moment()
                    case AgentStint():
                        row.ended_at = row.began_at + chance.wait()
                    case Leg():
                        row.agent, row.ended_at = chance.dice.choice(AGENTS), chance.moment()
                    case Contact():
                        row.direction = chance.dice.choice(("inbound", "outbound"))
        for row in chance.dice.sample(rows := list(await session.scalars(select(QueueVisit))), min(1, len(rows))):
            await session.delete(row)


async def _assert_same_after_rebuild(database: Database, zone: str) -> None:
    before = await stored(database)
    async with database.begin() as session:
        await session.run_sync(lambda sync: forget_figures(sync.connection()))
    await build(database, ZoneInfo(zone))
    assert await stored(database) == before


async def test_counting_may_die_anywhere_and_is_done_again() -> None:
    chance = Chance(7, "Asia/Shanghai")
    async with a_site("Asia/Shanghai") as database:
        async with database.begin() as session:
            session.add_all(row for _ in range(30) for row in chance.rows())
        with pytest.raises(ZeroDivisionError):
            await _count_and_die(database)
        await count_everything(database)
        once = await stored(database)
        async with database.begin() as session:
            due = [{"kind": "queue", "subject": queue, "start_at": chance.start} for queue in QUEUES]
            session.add_all(FigureDue(**one) for one in due)
        await count_everything(database)
        assert await stored(database) == once
        assert sum(row["offered"] for row in once["queue_day"]) > 0


async def _count_and_die(database: Database) -> None:
    async with database.begin() as session:
        await count_due(session, limit=20)
        raise ZeroDivisionError


async def test_a_rebuild_that_was_broken_off_goes_on_and_reports_are_right_meanwhile() -> None:
    chance, zone = Chance(11, "Europe/Berlin"), ZoneInfo("Europe/Berlin")
    period = Period(first=SUNDAY - timedelta(days=2), last=SUNDAY + timedelta(days=2), step=Step.DAY, zone=zone)
    now = chance.start + timedelta(days=3)
    async with a_site("Europe/Berlin") as database:
        async with database.begin() as session:
            session.add_all(row for _ in range(40) for row in chance.rows())
        await count_everything(database)
        before = await stored(database)
        async with database.begin() as session:
            await session.run_sync(lambda sync: forget_figures(sync.connection()))
        told: list[date] = []

        def stop_on_the_second(day: date, _last: date) -> None:
            told.append(day)
            if len(told) == 2:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await build(database, zone, told=stop_on_the_second)
        await assert_told_as_counted(database, period, now)
        await build(database, zone, told=lambda day, _last: told.append(day))
        assert len(told) == len(set(told))
        assert await stored(database) == before


async def test_what_is_stored_of_rows_that_are_gone_goes_with_the_rebuild() -> None:
    chance = Chance(3, "Asia/Shanghai")
    async with a_site("Asia/Shanghai") as database:
        async with database.begin() as session:
            session.add_all(row for _ in range(30) for row in chance.rows())
        await count_everything(database)
        async with database.begin() as session:
            await session.execute(delete(QueueVisit).where(QueueVisit.queue == "rescue"))  # past the session's notice
            await session.execute(update(Leg).values(result="no_answer"))
        await count_days(database, SUNDAY - timedelta(days=3), SUNDAY + timedelta(days=4))
        period = Period(
            first=SUNDAY - timedelta(days=2), last=SUNDAY + timedelta(days=3), step=Step.DAY, zone=chance.zone
        )
        await assert_told_as_counted(database, period, chance.start + timedelta(days=3))


async def test_another_zone_of_the_site_has_other_days() -> None:
    chance = Chance(5, "Asia/Shanghai")
    async with a_site("Asia/Shanghai") as database:
        async with database.begin() as session:
            session.add_all(row for _ in range(40) for row in chance.rows())
        await count_everything(database)
        kathmandu = ZoneInfo("Asia/Kathmandu")
        period = Period(first=SUNDAY - timedelta(days=2), last=SUNDAY, step=Step.DAY, zone=kathmandu)
        await assert_told_as_counted(database, period, chance.start + timedelta(days=3))
        await build(database, kathmandu)
        await assert_told_as_counted(database, period, chance.start + timedelta(days=3))


async def test_other_thresholds_count_from_their_day_on() -> None:
    chance = Chance(9, "Asia/Shanghai")
    today, noon = date(2026, 10, 27), datetime(2026, 10, 27, 4, tzinfo=UTC)
    before = {"service_seconds": 20, "short_abandon_seconds": 5, "service_target_percent": 80}
    async with a_site("Asia/Shanghai") as database:
        async with database.begin() as session:
            session.add_all(row for _ in range(250) for row in chance.rows())
        await count_everything(database)
        async with database.begin() as session:
            after = before | {"service_seconds": 4, "short_abandon_seconds": 30}
            await note_thresholds(session, "repair", before=before, after=after, actor="2001", at=noon)

        def limits(visit: dict[str, Any]) -> recount.Limits:
            later = visit["entered_at"].astimezone(chance.zone).date() >= today
            return recount.Limits(4, 30) if visit["queue"] == "repair" and later else LIMITS[visit["queue"]]

        now = chance.start + timedelta(days=4)
        for step in (Step.DAY, Step.HOUR):
            period = Period(first=SUNDAY - timedelta(days=2), last=today, step=step, zone=chance.zone)
            await assert_told_as_counted(database, period, now, limits)
        await count_everything(database)
        await assert_told_as_counted(database, period, now, limits)
        await _assert_same_after_rebuild(database, "Asia/Shanghai")
