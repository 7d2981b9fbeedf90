"""The visits to queues behind a figure. What became of those who gave up: abandoned_queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import Callback
from crm_core.customers.model import Customer
from crm_core.history.model import Contact, QueueVisit
from crm_core.workforce.model import QueueRow
from reports.metrics import Thresholds
from reports.periods import midnight
from reports.thresholds import threshold_history


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """A finished visit with who called and who answered. `number` is the caller's, for masking."""

    contact: str
    queue: str
    entered_at: datetime
    wait: float
    result: str
    customer_id: int | None
    customer: str
    number: str
    agent: str
    topic: str
    kind: str
    disposition: str


_WAIT, _RESULT = QueueVisit.wait_seconds, QueueVisit.result
_ABANDONED, _ANSWERED = _RESULT == "abandoned", _RESULT == "answered"
WHICH = ("offered", "answered", "abandoned", "short_abandoned", "abandon_rate", "service_level", "answer", "elsewhere")
"""The figures that have visits behind them; behind the service level are those that missed it."""
LONGEST_FIRST = frozenset({"answer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which visits: those of the figure (a word of WHICH) that began in [start, end); no `queues` = all. With `times`
    only those that began in one of these stretches of it."""

    which: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    queues: Sequence[str] = ()
    times: Sequence[tuple[datetime, datetime]] = ()


async def _chosen(session: AsyncSession, behind: Behind) -> list[ColumnElement[bool]]:
    """By the thresholds of each visit's day, so that there are as many as the figure says."""
    service, short_below = await _limits(session, behind.queues, behind.zone)
    short, late = and_(_ABANDONED, short_below > _WAIT), and_(_ANSWERED, service < _WAIT)
    conditions: dict[str, ColumnElement[bool]] = {
        "offered": _RESULT != "overflow",
        "answered": _ANSWERED,
        "abandoned": _ABANDONED,
        "short_abandoned": short,
        "abandon_rate": and_(_ABANDONED, ~short),
        "service_level": or_(late, and_(_ABANDONED, ~short)),
        "answer": _ANSWERED,
        "elsewhere": _RESULT.in_(("callback", "voicemail")),
    }
    inside = [QueueVisit.entered_at >= behind.start, QueueVisit.entered_at < behind.end, _RESULT.is_not(None)]
    if behind.queues:
        inside.append(QueueVisit.queue.in_(behind.queues))
    if behind.times:
        entered = QueueVisit.entered_at
        inside.append(or_(*(and_(entered >= start, entered < end) for start, end in behind.times)))
    return [*inside, conditions[behind.which]]


async def _limits(
    session: AsyncSession, queues: Sequence[str], zone: ZoneInfo
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The service seconds and the short-abandon seconds that a visit's queue had on its day."""
    history = await threshold_history(session)
    known = queues or list(await session.scalars(select(QueueRow.id)))
    service: list[Any] = []
    short: list[Any] = []
    for queue in known:
        versions = history.versions(queue)
        for place, version in reversed(list(enumerate(versions))):
            since = QueueVisit.entered_at >= midnight(version.valid_from, zone)
            there = QueueVisit.queue == queue
            valid = and_(there, since) if place else there  # days before the first version have the first
            service.append((valid, version.thresholds.service_seconds))
            short.append((valid, version.thresholds.short_abandon_seconds))
    usual = Thresholds()
    otherwise = (
        func.coalesce(QueueRow.service_seconds, usual.service_seconds),
        func.coalesce(QueueRow.short_abandon_seconds, usual.short_abandon_seconds),
    )
    if not service:
        return otherwise
    return case(*service, else_=otherwise[0]), case(*short, else_=otherwise[1])


def _with_queue(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return statement.join(QueueRow, QueueRow.id == QueueVisit.queue, isouter=True)


async def count_visits(session: AsyncSession, behind: Behind) -> int:
    """How many there are."""
    asked = _with_queue(select(func.count()).select_from(QueueVisit)).where(*await _chosen(session, behind))
    return int(await session.scalar(asked) or 0)


async def visits(session: AsyncSession, behind: Behind, *, most: int) -> list[VisitLine]:
    """The first of them by the time of entry, or the longest waits first where the figure is about waiting."""
    order = _WAIT.desc() if behind.which in LONGEST_FIRST else QueueVisit.entered_at
    statement = (
        _with_queue(select(QueueVisit, Contact, Customer.name))
        .join(Contact, Contact.id == QueueVisit.contact_id)
        .join(Customer, Customer.id == Contact.customer_id, isouter=True)
        .where(*await _chosen(session, behind))
        .order_by(order, QueueVisit.id)
        .limit(most)
    )
    return [
        VisitLine(
            contact=contact.id,
            queue=visit.queue,
            entered_at=visit.entered_at,
            wait=visit.wait_seconds or 0.0,
            result=visit.result or "",
            customer_id=contact.customer_id,
            customer=name or "",
            number=contact.caller,
            agent=contact.agent,
            topic=contact.topic,
            kind=contact.kind,
            disposition=contact.disposition,
        )
        for visit, contact, name in await session.execute(statement)
    ]


async def callback_results(session: AsyncSession, contacts: Sequence[str]) -> dict[str, tuple[str, datetime | None]]:
    """Of callers who left for a callback: its result ("" = open) and when it came, by contact."""
    rows = await session.execute(
        select(Callback.contact_id, Callback.result, Callback.ended_at).where(Callback.contact_id.in_(contacts))
    )
    return {contact: (result, at) for contact, result, at in rows}
