"""Work for a later time: done once, not before its time, tried again when it fails, and never lost by a crash."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.model import AuditEntry
from crm_core.db import Database
from crm_core.jobs.actions import cancel, ensure, schedule
from crm_core.jobs.model import Job
from crm_core.jobs.runner import MOST_TRIES, Due, JobRunner

NOW = datetime(2026, 7, 16, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def told(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
    await audit(session, at=at, actor="system", action="reminded", subject=job.key)
    return None


async def subjects(db: Database) -> list[str]:
    async with db.begin() as session:
        return list(await session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)))


async def jobs(db: Database) -> list[Job]:
    async with db.begin() as session:
        return list(await session.scalars(select(Job).order_by(Job.id)))


async def put(db: Database, *jobs: tuple[str, datetime]) -> None:
    async with db.begin() as session:
        for key, due_at in jobs:
            await schedule(session, "remind", key, due_at)


async def test_what_is_due_is_done_once_the_oldest_first_and_nothing_before_its_time(db: Database):
    await put(db, ("second", NOW), ("later", LATER), ("first", NOW - timedelta(minutes=1)))
    runner = JobRunner(db, {"remind": told})
    assert await runner.run_due(NOW) == 2
    assert await runner.run_due(NOW) == 0
    assert await subjects(db) == ["first", "second"]
    assert [job.key for job in await jobs(db)] == ["later"]


async def test_scheduling_again_moves_the_job_and_ensuring_leaves_it(db: Database):
    await put(db, ("case/1", NOW), ("case/1", LATER))
    async with db.begin() as session:
        await ensure(session, "remind", "case/1", NOW)
    assert [job.due_at for job in await jobs(db)] == [LATER]
    async with db.begin() as session:
        await cancel(session, "remind", "case/1")
        await cancel(session, "remind", "nobody")
    assert await jobs(db) == []


async def test_a_job_that_comes_again_has_its_next_time(db: Database):
    async def daily(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        return job.due_at + timedelta(days=1)

    await put(db, ("site", NOW))
    assert await JobRunner(db, {"remind": daily}).run_due(NOW) == 1
    assert [job.due_at for job in await jobs(db)] == [NOW + timedelta(days=1)]


async def test_a_job_that_moves_itself_keeps_the_time_it_chose(db: Database):
    async def moves(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        await schedule(session, "remind", job.key, LATER)
        return None

    await put(db, ("case/1", NOW))
    await JobRunner(db, {"remind": moves}).run_due(NOW)
    assert [job.due_at for job in await jobs(db)] == [LATER]


async def test_a_failure_undoes_its_effect_rests_and_is_given_up_in_the_end(db: Database):
    async def fails(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        await told(session, job, at)
        raise RuntimeError("no paper")

    await put(db, ("case/1", NOW))
    runner, at = JobRunner(db, {"remind": fails}), NOW
    for _ in range(MOST_TRIES):
        assert await runner.run_due(at) == 1
        assert await runner.run_due(at) == 0
        at += timedelta(hours=1, seconds=1)
    [job] = await jobs(db)
    assert (job.given_up, job.tries, job.failure) == (True, MOST_TRIES, "RuntimeError: no paper")
    assert await runner.run_due(at) == 0
    assert await subjects(db) == []


async def test_a_job_taken_by_a_process_that_died_is_taken_again_after_its_time(db: Database):
    class Died(BaseException):
        pass

    async def dies(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        raise Died

    await put(db, ("case/1", NOW))
    with pytest.raises(Died):
        await JobRunner(db, {"remind": dies}).run_due(NOW)
    living = JobRunner(db, {"remind": told})
    assert await living.run_due(NOW + timedelta(minutes=4)) == 0
    assert await living.run_due(NOW + timedelta(minutes=6)) == 1
    assert await subjects(db) == ["case/1"]


async def test_two_runners_do_each_job_once(db: Database):
    await put(db, *((f"case/{number}", NOW) for number in range(12)))
    counts = await asyncio.gather(*(JobRunner(db, {"remind": told}).run_due(NOW) for _ in range(2)))
    assert sum(counts) == 12
    assert sorted(await subjects(db)) == sorted(f"case/{number}" for number in range(12))
