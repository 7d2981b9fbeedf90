"""Replaces stored figures by what the rows say: quarters of an hour from the history, days from their quarters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Base
from crm_core.figures.model import AgentDay, AgentSlot, QueueDay, QueueSlot
from crm_core.figures.quarters import quarter_start
from reports.counting import Stretch, agents_of, visits_of
from reports.periods import midnight
from reports.tallies import AGENT_FIELDS, TIME_FIELDS, stored_times
from reports.thresholds import ThresholdHistory, threshold_history
from reports.visit_tallies import COUNT_FIELDS, VisitTally
from reports.wait_histogram import MICROSECONDS, WaitHistogram


async def replace_figures(
    session: AsyncSession, zone: ZoneInfo, *, queues: Iterable[Stretch], agents: Iterable[Stretch]
) -> None:
    """Of these quarters and of the days they lie in. Only in one's turn, see reports.rollups.take_turn."""
    queue_days: dict[date, set[str]] = defaultdict(set)
    agent_days: dict[date, set[str]] = defaultdict(set)
    history = await threshold_history(session)
    for stretch in queues:
        await _count_queues(session, stretch, history, zone)
        _note_days(queue_days, stretch, zone)
    for stretch in agents:
        await _count_agents(session, stretch)
        _note_days(agent_days, stretch, zone)
    for day, some in queue_days.items():
        await _sum_queue_day(session, day, some, history, zone)
    for day, some in agent_days.items():
        await _sum_agent_day(session, day, some, zone)


def _note_days(days: dict[date, set[str]], stretch: Stretch, zone: ZoneInfo) -> None:
    day, last = (at.astimezone(zone).date() for at in (stretch.start, quarter_start(stretch.last - 1)))
    while day <= last:
        days[day].update(stretch.subjects)
        day += timedelta(days=1)


async def _count_queues(session: AsyncSession, stretch: Stretch, history: ThresholdHistory, zone: ZoneInfo) -> None:
    tallies = await visits_of(session, stretch)
    await session.execute(
        delete(QueueSlot)
        .where(QueueSlot.start_at >= stretch.start, QueueSlot.start_at < stretch.end)
        .where(QueueSlot.queue.in_(stretch.subjects))
        .execution_options(synchronize_session=False)
    )
    rows = []
    for (quarter, queue), tally in sorted(tallies.items()):
        start = quarter_start(quarter)
        rows.append(
            {"start_at": start, "queue": queue} | queue_row(tally, queue, start.astimezone(zone).date(), history)
        )
    await _put(session, QueueSlot, rows)


def queue_row(tally: VisitTally, queue: str, day: date, history: ThresholdHistory) -> dict[str, Any]:
    """The figures of one quarter or day as they are stored."""
    numbers = dict(zip(COUNT_FIELDS, tally.numbers(history.on(queue, day)), strict=True))
    waits = {name: numbers[name] / MICROSECONDS for name in ("answer_wait", "abandon_wait")}
    return {**numbers, **waits, "answer_waits": tally.answered.written(), "abandon_waits": tally.abandoned.written()}


async def _count_agents(session: AsyncSession, stretch: Stretch) -> None:
    tallies = await agents_of(session, stretch)
    await session.execute(
        delete(AgentSlot)
        .where(AgentSlot.start_at >= stretch.start, AgentSlot.start_at < stretch.end)
        .where(AgentSlot.agent.in_(stretch.subjects))
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"start_at": quarter_start(quarter), "agent": agent, **stored_times(tally)}
        for (quarter, agent), tally in sorted(tallies.items())
    ]
    await _put(session, AgentSlot, rows)


async def _sum_queue_day(
    session: AsyncSession, day: date, queues: set[str], history: ThresholdHistory, zone: ZoneInfo
) -> None:
    days: dict[str, VisitTally] = defaultdict(VisitTally)
    slots = await session.execute(
        select(*tally_columns(QueueSlot))
        .where(QueueSlot.start_at >= midnight(day, zone), QueueSlot.start_at < midnight(day + timedelta(days=1), zone))
        .where(QueueSlot.queue.in_(queues))
    )
    for row in slots:
        days[row.queue].add(stored_tally(row))
    await session.execute(
        delete(QueueDay)
        .where(QueueDay.day == day, QueueDay.queue.in_(queues))
        .execution_options(synchronize_session=False)
    )
    rows = [{"day": day, "queue": queue, **queue_row(days[queue], queue, day, history)} for queue in sorted(days)]
    await _put(session, QueueDay, rows)


def tally_columns(table: Any) -> tuple[Any, ...]:
    """Of QueueSlot or QueueDay: what a tally is made of."""
    return table.queue, table.answer_waits, table.abandon_waits, table.elsewhere, table.lost, table.overflowed


def stored_tally(row: Any) -> VisitTally:
    """What was stored of a quarter or day (a row of `tally_columns`), ready for other thresholds."""
    answered, abandoned = WaitHistogram.read(row.answer_waits), WaitHistogram.read(row.abandon_waits)
    return VisitTally(answered, abandoned, row.elsewhere, row.lost, row.overflowed)


async def _sum_agent_day(session: AsyncSession, day: date, agents: set[str], zone: ZoneInfo) -> None:
    columns = [func.sum(getattr(AgentSlot, name)).label(name) for name in AGENT_FIELDS]
    sums = await session.execute(
        select(AgentSlot.agent, *columns)
        .where(AgentSlot.start_at >= midnight(day, zone), AgentSlot.start_at < midnight(day + timedelta(days=1), zone))
        .where(AgentSlot.agent.in_(agents))
        .group_by(AgentSlot.agent)
        .order_by(AgentSlot.agent)
    )
    # Each time is a whole number of microseconds: rounded to it the sum is exact, in whatever order it was made.
    rows = [
        {"day": day, **row._mapping, **{name: round(row._mapping[name], 6) for name in TIME_FIELDS}} for row in sums
    ]
    await session.execute(
        delete(AgentDay)
        .where(AgentDay.day == day, AgentDay.agent.in_(agents))
        .execution_options(synchronize_session=False)
    )
    await _put(session, AgentDay, rows)


async def _put(session: AsyncSession, table: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(cast(Table, table.__table__)), rows)


async def clear_day(session: AsyncSession, day: date, zone: ZoneInfo) -> None:
    """Take away all that is stored of a day, also of who has no row in the history any more."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    unsynchronized = {"synchronize_session": False}
    for slots in (QueueSlot, AgentSlot):
        gone = delete(slots).where(slots.start_at >= start, slots.start_at < end)
        await session.execute(gone.execution_options(**unsynchronized))
    for days in (QueueDay, AgentDay):
        await session.execute(delete(days).where(days.day == day).execution_options(**unsynchronized))
