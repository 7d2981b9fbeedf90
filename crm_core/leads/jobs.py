"""What happens to leads by itself: the daily delivery, the dealers' clocks, the calls of the nurture plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.runner import Due, Handler
from crm_core.leads.delivery import look_at_clock, send_due
from crm_core.leads.nurture import step_due
from crm_core.leads.record import CLOCK_JOB, NURTURE_JOB, SENDING_JOB
from crm_core.leads.rules import next_sending
from crm_core.leads.settings import lead_rules

__all__ = ["CLOCK_JOB", "NURTURE_JOB", "SENDING_JOB", "lead_handlers"]


def lead_handlers(zone: tzinfo) -> Mapping[str, Handler]:
    """By the kind of the job; `zone` is the site's."""

    async def deliver(session: AsyncSession, due: Due, at: datetime) -> datetime:
        rules = await lead_rules(session)
        _, more = await send_due(session, at=at, zone=zone)
        return at + timedelta(minutes=1) if more else next_sending(rules, at, zone)

    async def clock(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        return await look_at_clock(session, int(due.key), at=at)

    async def plan(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        return await step_due(session, int(due.key), at=at, zone=zone)

    return {SENDING_JOB: deliver, CLOCK_JOB: clock, NURTURE_JOB: plan}
