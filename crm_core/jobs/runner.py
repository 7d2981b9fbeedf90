"""Does what is due: each job's effect and its end are one transaction, so that a crash neither loses nor doubles it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.db import Database, storable
from crm_core.jobs.model import Job

log = structlog.get_logger(__name__)

TAKEN_FOR = timedelta(minutes=5)
MOST_TRIES = 10
LONGEST_REST = 5.0  # seconds between two looks at the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A job as its handler gets it."""

    kind: str
    key: str
    due_at: datetime
    payload: Mapping[str, Any]


Handler = Callable[[AsyncSession, Due, datetime], Awaitable[datetime | None]]
"""Does the work at a given time within a transaction; gives when it is due again, None = it is done."""


def next_try(tries: int, at: datetime) -> datetime:
    """30 s after the first failure, doubling, at most an hour."""
    return at + timedelta(seconds=min(30 * 2 ** (tries - 1), 3600))


class JobRunner:
    """Several may run at once, in several processes: a job is taken by one of them."""

    def __init__(
        self, database: Database, handlers: Mapping[str, Handler], *, taken_for: timedelta = TAKEN_FOR
    ) -> None:
        """`taken_for` is the longest that one piece of work takes: then a job whose runner died is another's."""
        self._database, self._handlers, self._taken_for = database, handlers, taken_for

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        while True:
            try:
                while await self.run_next(clock.now()):
                    pass
                rest = await self._rest(clock.now())
            except Exception:
                log.exception("jobs_failed")
                rest = LONGEST_REST
            await asyncio.sleep(rest)

    async def run_due(self, at: datetime) -> int:
        """Do everything that is due at `at`, the oldest first; gives how many jobs were done or tried."""
        done = 0
        while await self.run_next(at):
            done += 1
        return done

    async def run_next(self, at: datetime) -> bool:
        """Do the job that is due at `at` for longest; False = there is none."""
        job = await self._take(at)
        if job is not None:
            await self._do(job, at)
        return job is not None

    async def take_over(self) -> None:
        """Free what another runner of these kinds had taken. Only for a runner that knows that the other is dead."""
        taken = update(Job).where(Job.kind.in_(self._handlers), Job.taken_until.is_not(None))
        async with self._database.begin() as session:
            await session.execute(taken.values(taken_until=None))

    async def until_idle(self, quiet: float) -> None:
        """Until nothing was due for `quiet` seconds."""
        idle_since = clock.now()
        while (clock.now() - idle_since).total_seconds() < quiet:
            if await self.run_next(clock.now()):
                idle_since = clock.now()
            else:
                await asyncio.sleep(min(await self._rest(clock.now()), 1.0))

    async def _take(self, at: datetime) -> Due | None:
        free = or_(Job.taken_until.is_(None), Job.taken_until < at)
        due = (Job.given_up.is_(False), Job.due_at <= at, Job.kind.in_(self._handlers), free)
        async with self._database.begin() as session:
            oldest = select(Job).where(*due).order_by(Job.due_at, Job.id).limit(20)
            for job in await session.scalars(oldest):
                claim = (
                    update(Job).where(Job.id == job.id, *due).values(taken_until=at + self._taken_for).returning(Job.id)
                )
                if await session.scalar(claim.execution_options(synchronize_session=False)) is not None:
                    return Due(kind=job.kind, key=job.key, due_at=job.due_at, payload=job.payload)
        return None

    async def _do(self, job: Due, at: datetime) -> None:
        try:
            async with self._database.begin() as session:
                again = await self._handlers[job.kind](session, job, at)
                await self._settle(session, job, again)
        except Exception as wrong:
            log.exception("job_failed", kind=job.kind, key=job.key)
            await self._failed(job, at, wrong)

    async def _settle(self, session: AsyncSession, job: Due, again: datetime | None) -> None:
        # A job that was moved by its own work, or by somebody meanwhile, has a new time and stays.
        mine = (Job.kind == job.kind, Job.key == job.key, Job.taken_until.is_not(None))
        await session.flush()
        if again is None:
            await session.execute(delete(Job).where(*mine))
        else:
            await session.execute(update(Job).where(*mine).values(due_at=again, taken_until=None, tries=0))

    async def _failed(self, job: Due, at: datetime, wrong: Exception) -> None:
        async with self._database.begin() as session:
            row = await session.scalar(select(Job).where(Job.kind == job.kind, Job.key == job.key))
            if row is None or row.taken_until is None:
                return
            row.tries += 1
            row.failure = storable(f"{type(wrong).__name__}: {wrong}", 2000)
            row.given_up = row.tries >= MOST_TRIES
            row.due_at, row.taken_until = next_try(row.tries, at), None

    async def _rest(self, at: datetime) -> float:
        async with self._database.begin() as session:
            waiting = (Job.given_up.is_(False), Job.kind.in_(self._handlers), Job.taken_until.is_(None))
            soonest = await session.scalar(select(func.min(Job.due_at)).where(*waiting))
        if soonest is None:
            return LONGEST_REST
        return min(max((soonest - at).total_seconds(), 0.05), LONGEST_REST)
