"""The stored figures on each database the product runs on: told as counted, rebuilt the same, counted again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_core.db import Database, make_engine
from crm_core.figures.marking import forget_figures
from crm_core.workforce.model import QueueRow
from reports.again import Wish, count_again, preview
from reports.intervals import queue_intervals
from reports.periods import Period, Step
from reports.rollups import build
from tests.unit.reports.test_rollups import (
    LIMITS,
    SUNDAY,
    Chance,
    assert_told_as_counted,
    count_everything,
    stored,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


async def test_figures_are_told_as_counted_rebuilt_the_same_and_counted_again(database_url: str) -> None:
    chance, database = Chance(4, BERLIN.key), Database(make_engine(database_url))
    async with database.begin() as session:
        for queue, (service, short) in LIMITS.items():
            names = {"name_zh": queue, "name_en": queue, "skill": queue}
            session.add(QueueRow(id=queue, service_seconds=service, short_abandon_seconds=short, **names))
    await build(database, BERLIN)
    async with database.begin() as session:
        session.add_all(row for _ in range(80) for row in chance.rows())
    periods = [
        Period(first=SUNDAY - timedelta(days=2), last=SUNDAY + timedelta(days=2), step=step, zone=BERLIN)
        for step in (Step.HOUR, Step.DAY, Step.WEEK)
    ]
    for period in periods:
        await assert_told_as_counted(database, period, NOW)
    await count_everything(database)
    for period in periods:
        await assert_told_as_counted(database, period, NOW)
    counted = await stored(database)
    async with database.begin() as session:
        await session.run_sync(lambda sync: forget_figures(sync.connection()))
    await build(database, BERLIN)
    assert await stored(database) == counted
    wish = Wish("repair", SUNDAY, SUNDAY, 3, 40)
    async with database.begin() as session:
        (seen,) = await preview(session, wish, BERLIN)
        await count_again(session, wish, zone=BERLIN, actor="2001", at=NOW)
    async with database.begin() as session:
        sunday = Period(first=SUNDAY, last=SUNDAY, step=Step.DAY, zone=BERLIN)
        (told,) = await queue_intervals(session, sunday, ["repair"])
    assert told.queues["repair"] == seen.after != seen.before
    await database.close()
