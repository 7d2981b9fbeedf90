"""When the plan is made: for one customer within seconds of an event, for everybody every morning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.events import customers_with_events
from crm_core.care.planning import plan_customers
from crm_core.care.soon import CARE_OF, CARE_PLAN
from crm_core.care.stopping import stop_and_free
from crm_core.jobs.actions import schedule
from crm_core.jobs.runner import Due, Handler

PLANNED_AT = time(6)  # before the dealers open
AT_ONCE = 50
"""Customers in one transaction, 8 ms each: other writers of an SQLite file wait for its end."""


def care_handlers(zone: tzinfo) -> Mapping[str, Handler]:
    """By the kind of the job, for a site in this zone."""

    async def one(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        if due.key.isascii() and due.key.isdigit():
            await _plan(session, [int(due.key)], at=at, zone=zone)
        return None

    async def everybody(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        last = await _plan_next(session, int(due.payload.get("after", 0)), at=at, zone=zone)
        if last is None:
            following = at.astimezone(zone).date() + timedelta(days=1)
            again = datetime.combine(following, PLANNED_AT, zone)
            await schedule(session, CARE_PLAN, due.key, again)
            return again
        await schedule(session, CARE_PLAN, due.key, at, {"after": last})
        return at

    return {CARE_OF: one, CARE_PLAN: everybody}


async def plan_care(session: AsyncSession, *, at: datetime, zone: tzinfo) -> int:
    """All customers in one transaction; gives how many contacts were added. A second run adds nothing."""
    added, after = 0, 0
    while customers := await _next(session, after, at=at, zone=zone):
        added += await _plan(session, customers, at=at, zone=zone)
        after = customers[-1]
    return added


async def _plan_next(session: AsyncSession, after: int, *, at: datetime, zone: tzinfo) -> int | None:
    """Plans some customers; gives the last one, None = there was nobody left."""
    customers = await _next(session, after, at=at, zone=zone)
    await _plan(session, customers, at=at, zone=zone)
    return customers[-1] if len(customers) == AT_ONCE else None


async def _next(session: AsyncSession, after: int, *, at: datetime, zone: tzinfo) -> list[int]:
    today = at.astimezone(zone).date()
    found = await customers_with_events(session, after=after, most=AT_ONCE, today=today, zone=zone)
    return list(found)


async def _plan(session: AsyncSession, customers: Collection[int], *, at: datetime, zone: tzinfo) -> int:
    added = await plan_customers(session, customers, at=at, zone=zone)
    await stop_and_free(session, customers, at=at, zone=zone)
    return added
