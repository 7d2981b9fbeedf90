"""What the reports ask of the database. Every interval is half-open, [start, end); every time is aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.clock import day_bounds, seconds_of_day
from crm_core.history.model import AgentStint, Contact, QueueVisit
from crm_core.history.writer import stored_position
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow
from reports.metrics import QueueCounts, Thresholds
from reports.wallboard_view import STATES, AgentNow, BoardStart, OpenVisit, PastVisit, Person, QueueOnBoard

WEEK = timedelta(days=7)


class RowsKeptChanging(Exception):
    """The history was written between our questions, again and again; ask once more."""


async def queue_counts(session: AsyncSession, start: datetime, end: datetime) -> dict[str, QueueCounts]:
    """Finished visits that began in [start, end), per queue, by each queue's own thresholds."""
    rows = await session.execute(_queue_counts(start, end))
    return {row.queue: QueueCounts(**{name: row._mapping[name] for name in _COUNTED}) for row in rows}


def _queue_counts(start: datetime, end: datetime) -> Select[Any]:
    wait, result = QueueVisit.wait_seconds, QueueVisit.result
    answered, abandoned = result == "answered", result == "abandoned"
    in_time = wait <= func.coalesce(QueueRow.service_seconds, Thresholds().service_seconds)
    short = and_(abandoned, wait < func.coalesce(QueueRow.short_abandon_seconds, Thresholds().short_abandon_seconds))
    elsewhere = result.in_(("callback", "voicemail"))
    counted: dict[str, ColumnElement[Any]] = {
        "offered": _how_many(result != "overflow"),
        "answered": _how_many(answered),
        "abandoned": _how_many(abandoned),
        "short_abandoned": _how_many(short),
        "answered_in_time": _how_many(and_(answered, in_time)),
        "abandoned_in_time": _how_many(and_(abandoned, in_time)),
        "elsewhere": _how_many(elsewhere),
        "lost": _how_many(result.not_in(("answered", "abandoned", "callback", "voicemail", "overflow"))),
        "overflowed": _how_many(result == "overflow"),
        "answer_wait": func.coalesce(func.sum(case((answered, wait))), 0.0),
        "abandon_wait": func.coalesce(func.sum(case((and_(abandoned, ~short), wait))), 0.0),
    }
    return (
        select(QueueVisit.queue, *(column.label(name) for name, column in counted.items()))
        .join(QueueRow, QueueRow.id == QueueVisit.queue, isouter=True)
        .where(QueueVisit.entered_at >= start, QueueVisit.entered_at < end)
        .where(result.is_not(None))
        .group_by(QueueVisit.queue)
        .order_by(QueueVisit.queue)
    )


_COUNTED = tuple(QueueCounts.__dataclass_fields__)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(case((condition, 1)))


async def past_visits(session: AsyncSession, day: date, zone: tzinfo) -> list[PastVisit]:
    """Finished visits that began on that day of the site, in the order in which they began."""
    start, end = day_bounds(day, zone)
    rows = await session.execute(
        select(QueueVisit.queue, QueueVisit.entered_at, QueueVisit.result, QueueVisit.wait_seconds)
        .where(QueueVisit.entered_at >= start, QueueVisit.entered_at < end, QueueVisit.result.is_not(None))
        .order_by(QueueVisit.entered_at)
    )
    return [
        PastVisit(queue=queue, entered=seconds_of_day(entered, zone), result=result or "lost", wait=wait or 0.0)
        for queue, entered, result, wait in rows
    ]


async def open_visits(session: AsyncSession) -> dict[str, OpenVisit]:
    """Callers who are in a queue now, by call."""
    rows = await session.execute(
        select(QueueVisit.contact_id, QueueVisit.queue, QueueVisit.entered_at, QueueVisit.answered_at)
        .where(QueueVisit.left_at.is_(None))
        .order_by(QueueVisit.entered_at)
    )
    return {
        call: OpenVisit(queue, entered.timestamp(), answered.timestamp() if answered else None)
        for call, queue, entered, answered in rows
    }


async def open_stints(session: AsyncSession) -> dict[str, AgentNow]:
    """Agents who are signed in, by number."""
    rows = await session.execute(
        select(AgentStint.agent, AgentStint.state, AgentStint.began_at, AgentStint.reason, AgentStint.contact_id)
        .where(AgentStint.ended_at.is_(None), AgentStint.state.in_(STATES))
        .order_by(AgentStint.began_at)
    )
    return {agent: AgentNow(state, began.timestamp(), reason, call) for agent, state, began, reason, call in rows}


async def ended_contacts(session: AsyncSession, start: datetime, end: datetime) -> frozenset[str]:
    """Contacts that ended in [start, end): news of them that comes late counts no more."""
    rows = await session.scalars(select(Contact.id).where(Contact.ended_at >= start, Contact.ended_at < end))
    return frozenset(rows)


async def queues_on_board(session: AsyncSession) -> list[QueueOnBoard]:
    rows = await session.scalars(select(QueueRow).order_by(QueueRow.position, QueueRow.id))
    return [
        QueueOnBoard(
            id=row.id,
            name_zh=row.name_zh,
            name_en=row.name_en,
            thresholds=Thresholds(
                service_seconds=row.service_seconds,
                short_abandon_seconds=row.short_abandon_seconds,
                target_percent=row.service_target_percent,
            ),
        )
        for row in rows
    ]


async def people_on_board(session: AsyncSession) -> dict[str, Person]:
    """By number, everybody who takes calls."""
    serves = exists().where(AgentSkill.user_id == AgentRow.user_id)
    rows = await session.execute(select(User.number, User.name, User.name_en, AgentRow.team, serves).join(AgentRow))
    return {row[0]: Person(row[1], row[2] or row[1], row[3], row[4]) for row in rows}


async def board_start(session: AsyncSession, day: date, zone: tzinfo) -> BoardStart:
    """Everything the wallboard starts from, true at one feed number; compares with the same weekday last week.

    Raises RowsKeptChanging when the history never held still long enough; the next try usually succeeds.
    """
    start, end = day_bounds(day, zone)
    queues, people = await queues_on_board(session), await people_on_board(session)
    week_ago = await past_visits(session, day - WEEK, zone)
    for _ in range(20):
        before = await stored_position(session)
        rows: Mapping[str, Any] = {
            "today": await past_visits(session, day, zone),
            "visits": await open_visits(session),
            "agents": await open_stints(session),
            "ended": await ended_contacts(session, start, end),
        }
        if await stored_position(session) == before:
            return BoardStart(
                number=before,
                day_start=start.timestamp(),
                day_end=end.timestamp(),
                queues=tuple(queues),
                people=people,
                week_ago=tuple(week_ago),
                **rows,
            )
    raise RowsKeptChanging
