"""The day's figures beside the queues on the wallboard, by the definitions of reports.metrics."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.board.wire import DayFigures
from crm_core.callbacks.queries import message_figures
from crm_core.clock import instant
from reports.intervals import staff_intervals
from reports.metrics import AVERAGE_HANDLING_TIME
from reports.periods import Period, Step


async def day_figures(session: AsyncSession, day: date, zone: ZoneInfo, now: datetime) -> DayFigures:
    """Of the site's day up to now, as the reports count it; messages as they are now."""
    (everybody,) = await staff_intervals(session, Period(first=day, last=day, step=Step.DAY, zone=zone), now=now)
    messages = await message_figures(session, now)
    return DayFigures(
        handling_seconds=AVERAGE_HANDLING_TIME.of(everybody.times).value,
        messages=messages.waiting,
        overdue_messages=messages.overdue,
        oldest_message=instant(messages.oldest) if messages.oldest else None,
    )
