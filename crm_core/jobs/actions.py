"""Putting work on the list, moving it, taking it off: in the transaction of the change that causes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.model import Job


async def schedule(
    session: AsyncSession, kind: str, key: str, due_at: datetime, payload: Mapping[str, Any] | None = None
) -> None:
    """Do `kind` for `key` at `due_at`; a job of the same kind and key is moved there and starts afresh."""
    job = await _ensured(session, kind, key, due_at)
    job.due_at, job.payload = due_at, dict(payload or {})
    job.tries, job.taken_until, job.given_up, job.failure = 0, None, False, ""


async def ensure(session: AsyncSession, kind: str, key: str, due_at: datetime) -> None:
    """As `schedule`, but an existing job stays as it is: for work that comes again and again."""
    await _ensured(session, kind, key, due_at)


async def cancel(session: AsyncSession, kind: str, key: str) -> None:
    """A job that is not there is no error."""
    await session.execute(delete(Job).where(Job.kind == kind, Job.key == key))


async def is_open(session: AsyncSession, kind: str) -> bool:
    """Whether there is work of this kind that was not given up, due or not."""
    return bool(await session.scalar(select(exists().where(Job.kind == kind, Job.given_up.is_(False)))))


async def _ensured(session: AsyncSession, kind: str, key: str, due_at: datetime) -> Job:
    found = select(Job).where(Job.kind == kind, Job.key == key)
    job = await session.scalar(found)
    if job is not None:
        return job
    try:
        async with session.begin_nested():
            job = Job(kind=kind, key=key, due_at=due_at, payload={})
            session.add(job)
    except IntegrityError:  # somebody else put it there meanwhile
        return (await session.scalars(found.execution_options(populate_existing=True))).one()
    return job
