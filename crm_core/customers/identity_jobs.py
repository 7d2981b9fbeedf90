"""What is done about duplicates and merges by itself: a look at who changed every 20 s, and the great comparison."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.duplicates import RUN, check_marked, compare_next, is_crowd
from crm_core.customers.merging import follow_up
from crm_core.jobs.actions import ensure, is_open
from crm_core.jobs.runner import Due, Handler

CHECK, CROWD = "duplicates", "many_duplicates"
IMPORT_STEP = "import_step"  # crm_core.imports.actions.STEP, which stands above us
EVERY = timedelta(seconds=20)
_LATE = timedelta(hours=12)  # no call, and no page somebody left open, lasts longer


async def look(session: AsyncSession, job: Due, at: datetime) -> datetime:
    """Compares who changed, and brings along what was written for a customer who was merged meanwhile.

    A crowd, as an import makes it, is left to the long work.
    """
    if await is_crowd(session):
        await ensure(session, CROWD, "site", at)
    else:
        await check_marked(session, at)
    await follow_up(session, at - _LATE)
    return at + EVERY


async def compare_crowd(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
    """Some hundreds of those who wait to be compared; it goes on until nobody waits.

    Not while a list is taken over: each part of it would make what was just compared old, and both need the one writer.
    """
    if await is_open(session, IMPORT_STEP):
        return at + EVERY
    return at if await check_marked(session, at) else None


async def go_on(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
    """One range of the comparison of all customers; it goes on where a crash stopped it."""
    return at if await compare_next(session, at) else None


IDENTITY_JOBS: dict[str, Handler] = {CHECK: look}
LONG_IDENTITY_JOBS: dict[str, Handler] = {CROWD: compare_crowd, RUN: go_on}
"""For the process that does long work."""
