"""Keeping up with the day: whoever called, visited, bought, complained or answered since the last look is refreshed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from crm_core.history.model import Contact
from crm_core.integration.model import OutboxEvent
from crm_core.jobs.runner import Due, Handler
from crm_core.leads.model import Lead
from crm_core.segments.model import WorthPosition
from crm_core.segments.recompute import refresh
from crm_core.vehicles.model import Delivery, WorkshopVisit

KIND = "worth_changes"
EVERY = timedelta(minutes=1)
AT_ONCE = 20
"""Rows of one source at a look: a refresh takes 50 ms, and other writers wait for the look's end."""
SOON = timedelta(seconds=1)
"""Until the next look when there is more, e.g. after an import."""
BY_ID: dict[str, type[Delivery] | type[WorkshopVisit] | type[Consent]] = {
    "delivery": Delivery,
    "workshop_visit": WorkshopVisit,
    "consent": Consent,
}
SUBJECTS: dict[str, type[Case] | type[Lead]] = {"case": Case, "lead": Lead}
"""Tables named by the subjects of outbox events, e.g. "case/17"."""


def following(zone: tzinfo) -> Handler:
    """The job's handler for a site in this zone."""

    async def handler(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        more = await follow(session, at, zone)
        return at + (SOON if more else EVERY)

    return handler


async def follow(session: AsyncSession, at: datetime, zone: tzinfo) -> bool:
    """Refresh everybody of whom something is new; gives whether there is more. The first look only notes where
    things stand."""
    found = [await _new_rows(session, source, table) for source, table in BY_ID.items()]
    found += [await _told(session), await _ended_contacts(session, at)]
    for customer_id in sorted({one for changed, _ in found for one in changed}):
        await refresh(session, customer_id, at, zone=zone)
    return any(more for _, more in found)


Found = tuple[set[int], bool]
"""Customers of whom something is new, and whether the source has more."""


async def _position(session: AsyncSession, source: str) -> tuple[WorthPosition, bool]:
    """Where this source was read up to, and whether it is the first time."""
    found = await session.get(WorthPosition, source)
    if found is not None:
        return found, False
    found = WorthPosition(source=source)
    session.add(found)
    return found, True


async def _new_rows(
    session: AsyncSession, source: str, table: type[Delivery] | type[WorkshopVisit] | type[Consent]
) -> Found:
    position, first = await _position(session, source)
    if first:
        position.last_id = await session.scalar(select(func.max(table.id))) or 0
        return set(), False
    fresh = select(table.id, table.customer_id).where(table.id > position.last_id).order_by(table.id).limit(AT_ONCE)
    rows = (await session.execute(fresh)).all()
    if rows:
        position.last_id = rows[-1][0]
    return {customer for _, customer in rows if customer is not None}, len(rows) == AT_ONCE


async def _told(session: AsyncSession) -> Found:
    """Customers of the cases, leads and customers that other systems were told of."""
    position, first = await _position(session, "outbox")
    if first:
        position.last_id = await session.scalar(select(func.max(OutboxEvent.id))) or 0
        return set(), False
    fresh = (
        select(OutboxEvent.id, OutboxEvent.kind, OutboxEvent.subject)
        .where(OutboxEvent.id > position.last_id)
        .order_by(OutboxEvent.id)
        .limit(AT_ONCE)
    )
    rows = (await session.execute(fresh)).all()
    if rows:
        position.last_id = rows[-1][0]
    subjects = [subject for _, kind, subject in rows if kind != "customer.class_changed"]
    return await _customers_of(session, subjects), len(rows) == AT_ONCE


async def _customers_of(session: AsyncSession, subjects: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for subject in set(subjects):
        word, _, key = subject.partition("/")
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            continue
        if word == "customer":
            found.add(int(key))
        elif word in SUBJECTS:
            table = SUBJECTS[word]
            customer = await session.scalar(select(table.customer_id).where(table.id == int(key)))
            found |= {customer} if customer else set()
    return found


async def _ended_contacts(session: AsyncSession, at: datetime) -> Found:
    position, first = await _position(session, "contact")
    if first or position.last_at is None:
        position.last_at = at
        return set(), False
    ended = (
        select(Contact.ended_at, Contact.customer_id)
        .where(Contact.ended_at > position.last_at, Contact.ended_at <= at)
        .order_by(Contact.ended_at)
        .limit(AT_ONCE)
    )
    rows = (await session.execute(ended)).all()
    full = len(rows) == AT_ONCE
    position.last_at = rows[-1][0] if full else at
    return {customer for _, customer in rows if customer is not None}, full
