"""The day's figures beside the queues on the wallboard, by the definitions of reports.metrics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.board.wire import DayFigures
from crm_core.callbacks.queries import message_figures
from crm_core.cases.model import Case
from crm_core.clock import instant
from crm_core.history.events import Direction, Outcome
from crm_core.history.model import AgentStint, Contact, Leg
from reports.metrics import AVERAGE_HANDLING_TIME, AVERAGE_SPEED_OF_ANSWER, AgentTimes, total
from reports.queries import queue_counts


async def day_figures(session: AsyncSession, start: datetime, end: datetime, now: datetime) -> DayFigures:
    """Of the contacts, talks and after-call work that began in [start, end); cases and messages as they are now."""
    counts = total((await queue_counts(session, start, end)).values())
    contacts, menu_only = (
        await session.execute(
            select(func.count(), func.count(case((Contact.outcome == Outcome.MENU_ONLY.value, 1)))).where(
                Contact.started_at >= start,
                Contact.started_at < end,
                Contact.direction == Direction.INBOUND.value,
            )
        )
    ).one()
    open_cases, overdue = (
        await session.execute(
            select(func.count(), func.count(case((Case.due_at < now, 1)))).where(Case.closed_at.is_(None))
        )
    ).one()
    messages = await message_figures(session, now)
    return DayFigures(
        answer_seconds=AVERAGE_SPEED_OF_ANSWER.of(counts).value,
        handling_seconds=AVERAGE_HANDLING_TIME.of(await _agent_times(session, start, end)).value,
        menu_only=menu_only,
        contacts=contacts,
        open_cases=open_cases,
        overdue_cases=overdue,
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
