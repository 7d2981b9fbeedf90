"""The visits to queues behind a figure. What became of those who gave up: abandoned_queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import Callback
from crm_core.customers.model import Customer
from crm_core.history.model import Contact, QueueVisit
from crm_core.workforce.model import QueueRow
from reports.metrics import Thresholds


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
_SHORT = and_(_ABANDONED, func.coalesce(QueueRow.short_abandon_seconds, Thresholds().short_abandon_seconds) > _WAIT)
_LATE = and_(_ANSWERED, func.coalesce(QueueRow.service_seconds, Thresholds().service_seconds) < _WAIT)
WHICH: Mapping[str, ColumnElement[bool]] = {
    "offered": _RESULT != "overflow",
    "answered": _ANSWERED,
    "abandoned": _ABANDONED,
    "short_abandoned": _SHORT,
    "abandon_rate": and_(_ABANDONED, ~_SHORT),
    "service_level": or_(_LATE, and_(_ABANDONED, ~_SHORT)),  # those that missed it
    "answer": _ANSWERED,
    "elsewhere": _RESULT.in_(("callback", "voicemail")),
}
"""The visits behind each figure, by the name of the figure."""
LONGEST_FIRST = frozenset({"answer"})


def _of(which: str, start: datetime, end: datetime, queues: Sequence[str]) -> list[ColumnElement[bool]]:
    conditions = [QueueVisit.entered_at >= start, QueueVisit.entered_at < end, _RESULT.is_not(None), WHICH[which]]
    return [*conditions, QueueVisit.queue.in_(queues)] if queues else conditions


def _with_queue(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return statement.join(QueueRow, QueueRow.id == QueueVisit.queue, isouter=True)


async def count_visits(
    session: AsyncSession, which: str, start: datetime, end: datetime, queues: Sequence[str] = ()
) -> int:
    """How many visits lie behind the figure; `which` is a key of WHICH."""
    asked = _with_queue(select(func.count()).select_from(QueueVisit)).where(*_of(which, start, end, queues))
    return int(await session.scalar(asked) or 0)


async def visits(
    session: AsyncSession, which: str, start: datetime, end: datetime, queues: Sequence[str] = (), *, most: int
) -> list[VisitLine]:
    """The first of them by the time of entry, or the longest waits first where the figure is about waiting."""
    order = _WAIT.desc() if which in LONGEST_FIRST else QueueVisit.entered_at
    statement = (
        _with_queue(select(QueueVisit, Contact, Customer.name))
        .join(Contact, Contact.id == QueueVisit.contact_id)
        .join(Customer, Customer.id == Contact.customer_id, isouter=True)
        .where(*_of(which, start, end, queues))
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
