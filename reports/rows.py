"""The history's rows counted as they are, without what is stored: always right, and as slow as there are rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import AgentStint, Contact, Leg
from reports.tallies import AgentTally, slot_of

LEG_COLUMNS = (
    Leg.agent,
    Leg.why,
    Leg.queue,
    Contact.direction,
    Leg.offered_at.label("offered"),
    Leg.answered_at.label("answered"),
    Leg.ended_at.label("ended"),
    Leg.result,
)
"""What AgentTally.leg takes."""


async def agent_rows(
    session: AsyncSession, start: datetime, end: datetime, agents: Sequence[str], now: datetime
) -> AgentTally:
    """Everybody's quarters of an hour in [start, end), or those of `agents`; what still runs counts up to `now`."""
    tally = AgentTally(slot_of(start), slot_of(end))
    stints = select(AgentStint.agent, AgentStint.state, AgentStint.began_at, AgentStint.ended_at).where(
        AgentStint.began_at < end, func.coalesce(AgentStint.ended_at, now) > start
    )
    legs = (
        select(*LEG_COLUMNS)
        .join(Contact, Contact.id == Leg.contact_id)
        .where(or_(Leg.offered_at.between(start, end), Leg.ended_at.between(start, end)))
        .where(Leg.agent != "")
    )
    if agents:
        stints, legs = stints.where(AgentStint.agent.in_(agents)), legs.where(Leg.agent.in_(agents))
    for agent, state, began, ended in await session.execute(stints):
        tally.stint(agent, state, began, ended or now)
    for row in await session.execute(legs):
        tally.leg(**row._mapping)
    return tally
