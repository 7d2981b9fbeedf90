"""Who responds to what runs in the media just now: calls, leads, and what other systems tell (B-38)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Contact
from crm_core.leads.model import Lead
from crm_core.media.actions import media_actions
from crm_core.media.model import MediaResponse
from crm_core.media.responses import SOURCES

SOON, HOUR = timedelta(minutes=15), timedelta(hours=1)
WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """`source` is calls, leads or a word of media.responses.SOURCES. `soon` came in the last quarter of an hour.

    `usual` is the mean of the same weekday until this time of the day in the four weeks before; None = nothing came.
    """

    source: str
    soon: int
    hour: int
    today: int
    usual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """`actions` are the names of what runs in the media today."""

    actions: tuple[str, ...] = ()
    lines: tuple[ResponseLine, ...] = ()


NO_RESPONSES = Responses()


async def read_responses(session: AsyncSession, start: datetime, now: datetime, zone: tzinfo) -> Responses:
    """Today begins at `start`. A source of which nothing came for four weeks is left out, but for calls and leads."""
    today = now.astimezone(zone).date()
    spans = [(start - timedelta(weeks=week), now - timedelta(weeks=week)) for week in range(WEEKS + 1)]
    inbound = (Contact.direction == "inbound",)
    lines = [
        await _line(session, "calls", func.count(), Contact.started_at, spans, *inbound),
        await _line(session, "leads", func.count(), Lead.created_at, spans),
    ]
    for source in SOURCES:
        total = func.coalesce(func.sum(MediaResponse.count), 0)
        one = await _line(session, source, total, MediaResponse.minute, spans, MediaResponse.source == source)
        if one.today or one.usual:
            lines.append(one)
    running = await media_actions(session, today, today)
    return Responses(actions=tuple(one.name for one in running), lines=tuple(lines))


async def _line(
    session: AsyncSession,
    source: str,
    total: ColumnElement[int],
    when: SQLColumnExpression[datetime],
    spans: Sequence[tuple[datetime, datetime]],
    *conditions: ColumnElement[bool],
) -> ResponseLine:
    now = spans[0][1]
    counts = [await session.scalar(_within(total, when, first, last, conditions)) or 0 for first, last in spans]
    soon = await session.scalar(_within(total, when, now - SOON, now, conditions)) or 0
    hour = await session.scalar(_within(total, when, now - HOUR, now, conditions)) or 0
    before = sum(counts[1:])
    usual = round(before / WEEKS, 1) if before else None
    return ResponseLine(source=source, soon=soon, hour=hour, today=counts[0], usual=usual)


def _within(
    total: ColumnElement[int],
    when: SQLColumnExpression[datetime],
    first: datetime,
    last: datetime,
    conditions: Sequence[ColumnElement[bool]],
) -> Select[int]:
    return select(total).where(when >= first, when < last, *conditions)
