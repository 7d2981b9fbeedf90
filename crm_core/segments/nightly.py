"""Everybody's worth once a night, in small steps: each is one short transaction, and a crash goes on where it was.

Facts and decisions of 1,000 customers at a time; then the percents of all and everybody's ranks; then the segments.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.jobs.runner import Due, Handler
from crm_core.segments.cuts import apply_cuts, write_cuts
from crm_core.segments.gathering import Range
from crm_core.segments.membership import recount
from crm_core.segments.model import CustomerWorth, Segment, WorthCount, WorthRun
from crm_core.segments.recompute import recompute
from crm_core.segments.upsert import upsert

CUSTOMERS_AT_ONCE = 1_000
RANKS_AT_ONCE = 10_000
STARTS = time(2, 30)
"""Of the site: before the first shift, after the day's imports."""
REST = timedelta(milliseconds=50)
"""Between two steps, so that other work of the same runner and other writers have their turn."""


def nightly(zone: tzinfo) -> Handler:
    """The job's handler for a site in this zone."""

    async def handler(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        return await step(session, at, zone)

    return handler


async def step(session: AsyncSession, at: datetime, zone: tzinfo) -> datetime:
    """Do the next piece; gives when to go on: soon, or in the next night when all is done."""
    run = await _open_run(session, at, zone)
    if run.phase == "customers":
        await _customers(session, run, at, zone)
    elif run.phase == "ranks":
        await _ranks(session, run)
    else:
        await _segments(session, run, at, zone)
    return at + REST if run.finished_at is None else next_night(at, zone)


def next_night(at: datetime, zone: tzinfo) -> datetime:
    local = at.astimezone(zone)
    tonight = datetime.combine(local.date(), STARTS, zone)
    return tonight if tonight > local else tonight + timedelta(days=1)


async def _open_run(session: AsyncSession, at: datetime, zone: tzinfo) -> WorthRun:
    run = await session.scalar(select(WorthRun).where(WorthRun.finished_at.is_(None)).order_by(WorthRun.id).limit(1))
    if run is None:
        living = select(func.count()).select_from(Customer).where(Customer.merged_into_id.is_(None))
        run = WorthRun(day=at.astimezone(zone).date(), phase="customers", after_id=0, done=0, started_at=at)
        run.customers = await session.scalar(living) or 0
        session.add(run)
        await session.flush()
    return run


async def _last_of(session: AsyncSession, after: int, most: int) -> int | None:
    ids = select(Customer.id).where(Customer.id > after).order_by(Customer.id).limit(most).subquery()
    last: int | None = await session.scalar(select(func.max(ids.c.id)))
    return last


async def _customers(session: AsyncSession, run: WorthRun, at: datetime, zone: tzinfo) -> None:
    last = await _last_of(session, run.after_id, CUSTOMERS_AT_ONCE)
    if last is None:
        await write_cuts(session)
        run.phase, run.after_id = "ranks", 0
        return
    run.done += await recompute(session, Range(run.after_id + 1, last, at, zone))
    run.after_id = last


async def _ranks(session: AsyncSession, run: WorthRun) -> None:
    last = await _last_of(session, run.after_id, RANKS_AT_ONCE)
    if last is None:
        run.phase, run.after_id = "segments", 0
        return
    await apply_cuts(session, run.after_id + 1, last)
    run.after_id = last


async def _segments(session: AsyncSession, run: WorthRun, at: datetime, zone: tzinfo) -> None:
    wanted = select(Segment).where(Segment.removed_at.is_(None), Segment.id > run.after_id).order_by(Segment.id)
    row = await session.scalar(wanted.limit(1))
    if row is not None:
        await recount(session, row, at, zone)
        run.after_id = row.id
        return
    await count_words(session, at, zone)
    run.phase, run.finished_at = "done", at


async def count_words(session: AsyncSession, at: datetime, zone: tzinfo) -> None:
    """How many customers each class, stage and risk has today."""
    today = at.astimezone(zone).date()
    columns = {
        "class": CustomerWorth.customer_class,
        "stage": CustomerWorth.life_cycle_stage,
        "churn": CustomerWorth.churn_risk,
    }
    for measure, column in columns.items():
        per_word = await session.execute(select(column, func.count()).group_by(column))
        rows = [{"day": today, "measure": measure, "word": word, "customers": number} for word, number in per_word]
        await upsert(session, WorthCount, rows)
