"""What agents did in the interval whose calls are opened: how many were on a break, and how many the plan had there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from agent_desktop import formats
from agent_desktop.reports.look import ReportLook
from agent_desktop.words import N_
from crm_core.history.model import AgentStint
from reports.adherence_queries import planned


async def same_time(look: ReportLook, start: datetime, end: datetime) -> tuple[str, str]:
    """The sentence and where to see the agents; "" for a row of a whole day or more, and for one that is to come."""
    end = min(end, look.now)
    if look.asked.period.by_days or end <= start:
        return "", ""
    paused = select(func.count(AgentStint.agent.distinct())).where(
        AgentStint.state == "break",
        AgentStint.began_at < end,
        or_(AgentStint.ended_at > start, AgentStint.ended_at.is_(None)),
    )
    count = await look.session.scalar(paused) or 0
    plan = await planned(look.session, start, end, set(look.agents), look.zone)
    meant = sum(
        any(_within(one.begins, one.ends, start, end) and not one.is_work for one in some) for some in plan.values()
    )
    word = look.say(
        N_("{count} on a break, {planned} planned"), count=formats.count(count), planned=formats.count(meant)
    )
    return word, look.asked.address("/reports/states", queue=None, compare=None)


def _within(begins: float, ends: float, start: datetime, end: datetime) -> bool:
    return begins < end.timestamp() and ends > start.timestamp()
