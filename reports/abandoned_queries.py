"""The visits that callers gave up, and the later contacts of the same people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.history.model import Contact, QueueVisit
from crm_core.workforce.model import QueueRow
from reports.abandoned import WITHIN, Abandoned, Followed, Later, follow
from reports.metrics import Thresholds

GAVE_UP = QueueVisit.result == literal("abandoned", literal_execute=True)
"""Literal: SQLite takes a partial index only where the statement itself says so."""


async def abandoned_calls(
    session: AsyncSession,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    queues: Sequence[str] = (),
    within: timedelta = WITHIN,
) -> list[Followed]:
    """Visits that began in [start, end) and were given up, in order, each with what became of it. No `queues` = all."""
    visits = [_visit(row) for row in await session.execute(_abandoned(start, end, queues))]
    later = await _later_contacts(session, visits, end + within)
    return [follow(visit, later_of(visit, later), now=now, within=within) for visit in visits]


def _abandoned(start: datetime, end: datetime, queues: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            QueueVisit.contact_id,
            QueueVisit.queue,
            QueueVisit.entered_at,
            QueueVisit.left_at,
            QueueVisit.wait_seconds,
            func.coalesce(QueueRow.short_abandon_seconds, Thresholds().short_abandon_seconds).label("short_seconds"),
            Contact.caller,
            Contact.customer_id,
            Customer.name,
        )
        .join(Contact, Contact.id == QueueVisit.contact_id)
        .join(QueueRow, QueueRow.id == QueueVisit.queue, isouter=True)
        .join(Customer, Customer.id == Contact.customer_id, isouter=True)
        .where(_given_up_in(start, end, queues))
        .order_by(QueueVisit.entered_at, QueueVisit.id)
    )


def _given_up_in(start: datetime, end: datetime, queues: Sequence[str]) -> Any:
    within = and_(GAVE_UP, QueueVisit.entered_at >= start, QueueVisit.entered_at < end)
    return and_(within, QueueVisit.queue.in_(queues)) if queues else within


def _visit(row: Any) -> Abandoned:
    wait = row.wait_seconds or 0.0
    return Abandoned(
        contact_id=row.contact_id,
        queue=row.queue,
        entered_at=row.entered_at,
        left_at=row.left_at or row.entered_at + timedelta(seconds=wait),
        wait=wait,
        short=wait < row.short_seconds,
        number=row.caller,
        customer_id=row.customer_id,
        customer=row.name or "",
    )


Known = dict[tuple[str, object], list[Later]]
"""By ("customer", id) and ("number", number)."""


def later_of(visit: Abandoned, later: Known) -> list[Later]:
    """The contacts of the visit's customer or number, each once."""
    same = (("customer", visit.customer_id), ("number", visit.number))
    return list({one.contact_id: one for key in same if key[1] for one in later.get(key, ())}.values())


async def _later_contacts(session: AsyncSession, visits: Sequence[Abandoned], end: datetime) -> Known:
    """Every contact of these people from the first visit on and before `end`.

    Asked by person in portions: each is found by its index. A join or an OR over both would read the whole time.
    """
    if not visits:
        return {}
    since = min(visit.entered_at for visit in visits)
    customers = sorted({visit.customer_id for visit in visits if visit.customer_id is not None})
    numbers = sorted({visit.number for visit in visits if visit.number})
    found: Known = {}
    for column, wanted in ((Contact.customer_id, customers), (Contact.caller, numbers)):
        for first in range(0, len(wanted), _PORTION):
            some = column.in_(wanted[first : first + _PORTION])
            for row in await session.execute(_contacts(some, since, end)):
                key = ("customer", row.customer_id) if column is Contact.customer_id else ("number", row.caller)
                found.setdefault(key, []).append(_later(row))
    return found


_PORTION = 500


def _contacts(some: ColumnElement[bool], since: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Contact.id,
            Contact.customer_id,
            Contact.caller,
            Contact.direction,
            Contact.started_at,
            Contact.outcome,
            Contact.agent,
            Contact.disposition,
            Case.id.label("case_id"),
            Case.closed_at,
        )
        .join(Case, Case.id == Contact.case_id, isouter=True)
        .where(some, Contact.started_at > since, Contact.started_at < end)
        .where(or_(Contact.outcome.is_not(None), Contact.answered_at.is_not(None)))
    )


def _later(row: Any) -> Later:
    return Later(
        contact_id=row.id,
        direction=row.direction,
        at=row.started_at,
        outcome=row.outcome or "answered",  # in talk now
        agent=row.agent,
        disposition=row.disposition,
        case_open=None if row.case_id is None else row.closed_at is None,
    )
