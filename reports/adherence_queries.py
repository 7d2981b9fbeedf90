"""What agents did, beside what the published plan said, of any stretch of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import AgentStint
from crm_core.shifts.queries import worked
from crm_core.shifts.times import stays
from reports.adherence import AT_WORK, PlanTimes, Stretch, plan_times

Stretches = Mapping[str, list[Stretch]]


async def planned(
    session: AsyncSession, start: datetime, end: datetime, agents: Collection[str], zone: ZoneInfo
) -> Stretches:
    """Agent to the published plan of [start, end), in seconds since 1970, without days of approved leave."""
    first, last = (start - timedelta(days=1)).astimezone(zone).date(), end.astimezone(zone).date()
    found: dict[str, list[Stretch]] = defaultdict(list)
    for shift in await worked(session, first, last, published=True, agents=agents):
        for one in stays(shift, zone):
            if one.starts < end and one.ends > start:
                found[shift.agent].append(Stretch(one.starts.timestamp(), one.ends.timestamp(), one.is_work))
    return found


async def done(
    session: AsyncSession, start: datetime, end: datetime, agents: Collection[str], now: datetime
) -> Stretches:
    """Agent to work and other states in [start, end); what is under way lasts until `now`."""
    rows = await session.execute(
        select(AgentStint.agent, AgentStint.state, AgentStint.began_at, AgentStint.ended_at)
        .where(AgentStint.began_at < end, or_(AgentStint.ended_at > start, AgentStint.ended_at.is_(None)))
        .where(AgentStint.agent.in_(agents))
        .order_by(AgentStint.agent, AgentStint.began_at)
    )
    found: dict[str, list[Stretch]] = defaultdict(list)
    for agent, state, began, ended in rows:
        found[agent].append(Stretch(began.timestamp(), (ended or now).timestamp(), state in AT_WORK))
    return found


async def followed(
    session: AsyncSession, start: datetime, end: datetime, agents: Collection[str], zone: ZoneInfo, *, now: datetime
) -> dict[str, PlanTimes]:
    """Agent to times in seconds, of [start, end) as far as it is over; who had no plan and did no work is absent."""
    end = min(end, now)
    if start >= end:
        return {}
    plan = await planned(session, start, end, agents, zone)
    work = await done(session, start, end, agents, now)
    return {
        agent: plan_times(plan.get(agent, []), work.get(agent, []), start.timestamp(), end.timestamp())
        for agent in sorted({*plan, *work})
    }
