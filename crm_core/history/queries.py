"""Reading contacts: one with all its parts, a customer's, a day's, or a filtered page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm_core.clock import day_bounds, from_instant, instant
from crm_core.db import storable
from crm_core.errors import Invalid
from crm_core.history.model import Contact, Recording

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWithParts:
    """`contact.legs` and `contact.visits` are loaded, in the order of time."""

    contact: Contact
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """What is not set does not restrict. `start` and `end` are the half-open interval of the contact's start."""

    start: datetime | None = None
    end: datetime | None = None
    queue: str = ""
    agent: str = ""
    outcome: str = ""
    kind: str = ""
    direction: str = ""
    caller: str = ""
    customer_id: int | None = None
    recorded: bool = False  # only contacts with a recording


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Contacts, the latest first. `next_cursor` "" = this is the last page."""

    contacts: tuple[Contact, ...]
    next_cursor: str


async def contact(session: AsyncSession, contact_id: str) -> ContactWithParts | None:
    """One contact with its legs, visits to queues and recordings."""
    found = await session.scalar(
        select(Contact)
        .where(Contact.id == storable(contact_id, 64))
        .options(selectinload(Contact.legs), selectinload(Contact.visits))
        .execution_options(populate_existing=True)
    )
    if found is None:
        return None
    recordings = await session.scalars(
        select(Recording).where(Recording.contact_id == found.id).order_by(Recording.started_at)
    )
    return ContactWithParts(contact=found, recordings=tuple(recordings))


async def recordings_of(session: AsyncSession, contact_ids: Sequence[str]) -> dict[str, list[Recording]]:
    """The recordings of several contacts, by contact."""
    found: dict[str, list[Recording]] = {}
    statement = select(Recording).where(Recording.contact_id.in_(contact_ids)).order_by(Recording.started_at)
    for recording in await session.scalars(statement):
        found.setdefault(recording.contact_id, []).append(recording)
    return found


async def recent(session: AsyncSession, customer_id: int, limit: int = 20) -> list[Contact]:
    """The customer's latest contacts, also a running one."""
    statement = select(Contact).where(Contact.customer_id == customer_id)
    return list(await session.scalars(statement.order_by(Contact.started_at.desc(), Contact.id.desc()).limit(limit)))


async def last_agent(session: AsyncSession, customer_id: int, since: datetime) -> str:
    """Who last talked with this customer at or after `since`; "" = nobody."""
    statement = (
        select(Contact.agent)
        .where(Contact.customer_id == customer_id, Contact.started_at >= since, Contact.agent != "")
        .order_by(Contact.started_at.desc())
        .limit(1)
    )
    return await session.scalar(statement) or ""


async def recent_of_number(session: AsyncSession, e164: str, limit: int = 20) -> list[Contact]:
    """The latest contacts from or to a number, whoever it belongs to."""
    statement = select(Contact).where(Contact.caller == e164)
    return list(await session.scalars(statement.order_by(Contact.started_at.desc(), Contact.id.desc()).limit(limit)))


async def contacts_of_day(session: AsyncSession, day: date, zone: tzinfo) -> list[Contact]:
    """Contacts that began on this day of the site, in order."""
    start, end = day_bounds(day, zone)
    statement = select(Contact).where(Contact.started_at >= start, Contact.started_at < end)
    return list(await session.scalars(statement.order_by(Contact.started_at, Contact.id)))


async def open_contacts(session: AsyncSession) -> list[Contact]:
    """Contacts without an outcome: they live, or nothing told how they ended."""
    statement = select(Contact).where(Contact.outcome.is_(None), Contact.ended_at.is_(None))
    return list(await session.scalars(statement.order_by(Contact.started_at)))


async def contact_page(
    session: AsyncSession, wanted: ContactFilter, *, cursor: str = "", limit: int = 50
) -> ContactPage:
    """One page, the latest first. The cursor names a place, so contacts that begin meanwhile shift nothing."""
    size = max(1, min(limit, LARGEST_PAGE))
    statement = select(Contact).where(*_conditions(wanted))
    if cursor:
        at, contact_id = _read_cursor(cursor)
        behind = or_(Contact.started_at < at, and_(Contact.started_at == at, Contact.id < contact_id))
        statement = statement.where(behind)
    ordered = statement.order_by(Contact.started_at.desc(), Contact.id.desc()).limit(size + 1)
    rows = list(await session.scalars(ordered))
    more = len(rows) > size
    return ContactPage(contacts=tuple(rows[:size]), next_cursor=_write_cursor(rows[size - 1]) if more else "")


def _conditions(wanted: ContactFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.start:
        conditions.append(Contact.started_at >= wanted.start)
    if wanted.end:
        conditions.append(Contact.started_at < wanted.end)
    texts = (
        (Contact.queue, wanted.queue),
        (Contact.agent, wanted.agent),
        (Contact.outcome, wanted.outcome),
        (Contact.kind, wanted.kind),
        (Contact.direction, wanted.direction),
        (Contact.caller, wanted.caller),
    )
    conditions += [column == storable(text, 64) for column, text in texts if text]
    if wanted.customer_id is not None:
        conditions.append(Contact.customer_id == wanted.customer_id)
    if wanted.recorded:
        conditions.append(select(Recording.id).where(Recording.contact_id == Contact.id).exists())
    return conditions


def _write_cursor(last: Contact) -> str:
    return f"{instant(last.started_at) * 1_000_000:.0f}~{last.id}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        microseconds, contact_id = cursor.split("~", 1)
        return from_instant(int(microseconds) / 1_000_000), storable(contact_id, 64)
    except (ValueError, OverflowError, OSError) as unusable:
        raise Invalid("This place in the list is unknown. Start from the top.", field="cursor") from unusable
