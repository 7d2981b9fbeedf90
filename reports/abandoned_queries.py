"""The visits that callers gave up, and the later contacts of the same people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

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
    later = await _later_contacts(session, start, end, queues, within)
    return [follow(visit, later.get(visit.contact_id, ()), now=now, within=within) for visit in visits]


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


async def _later_contacts(
    session: AsyncSession, start: datetime, end: datetime, queues: Sequence[str], within: timedelta
) -> dict[str, list[Later]]:
    """Every contact of the same customer or the same number after each visit, by the visit's contact.

    Two statements, one for each index: an OR over both would read the whole table.
    """
    found: dict[str, dict[str, Later]] = {}
    first, after = aliased(Contact), aliased(Contact)
    for same in (
        and_(after.customer_id == first.customer_id, first.customer_id.is_not(None)),
        and_(after.caller == first.caller, first.caller != ""),
    ):
        rows = await session.execute(
            select(
                first.id.label("of"),
                after.id,
                after.direction,
                after.started_at,
                after.outcome,
                after.agent,
                after.disposition,
                Case.id.label("case_id"),
                Case.closed_at,
            )
            .select_from(QueueVisit)
            .join(first, first.id == QueueVisit.contact_id)
            .join(after, and_(same, after.started_at > first.started_at))
            .join(Case, Case.id == after.case_id, isouter=True)
            .where(_given_up_in(start, end, queues), after.started_at < end + within)
            .where(or_(after.outcome.is_not(None), after.answered_at.is_not(None)))
        )
        for row in rows:
            found.setdefault(row.of, {})[row.id] = _later(row)
    return {contact: list(later.values()) for contact, later in found.items()}


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
