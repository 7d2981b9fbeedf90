"""The day's figures beside the queues on the wallboard, by the definitions of reports.metrics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.board.wire import DayFigures
from crm_core.callbacks.queries import message_figures
from crm_core.clock import instant
from crm_core.history.model import AgentStint, Leg
from reports.metrics import AVERAGE_HANDLING_TIME, AgentTimes


async def day_figures(session: AsyncSession, start: datetime, end: datetime, now: datetime) -> DayFigures:
    """Of the talks and after-call work that began in [start, end); messages as they are now."""
    messages = await message_figures(session, now)
    return DayFigures(
        handling_seconds=AVERAGE_HANDLING_TIME.of(await _agent_times(session, start, end)).value,
        messages=messages.waiting,
        overdue_messages=messages.overdue,
        oldest_message=instant(messages.oldest) if messages.oldest else None,
    )


async def _agent_times(session: AsyncSession, start: datetime, end: datetime) -> AgentTimes:
    """Of finished talks and states only: what still runs has no length yet."""
    stints = await session.execute(
        select(AgentStint.state, AgentStint.began_at, AgentStint.ended_at).where(
            AgentStint.began_at >= start,
            AgentStint.began_at < end,
            AgentStint.ended_at.is_not(None),
            AgentStint.state.in_(("talking", "hold", "wrap_up")),
        )
    )
    spent = dict.fromkeys(("talking", "hold", "wrap_up"), 0.0)
    for state, began, ended in stints:
        spent[state] += (ended - began).total_seconds() if ended else 0.0
    handled = await session.scalar(
        select(func.count()).where(Leg.answered_at >= start, Leg.answered_at < end, Leg.ended_at.is_not(None))
    )
    return AgentTimes(talk=spent["talking"], hold=spent["hold"], wrap_up=spent["wrap_up"], handled=handled or 0)
