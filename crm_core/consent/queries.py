"""What a customer allows: the matrix of purposes and channels, and the proofs behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.consent.model import Consent, DoNotContact, Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import CustomerPhone


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """The last answer for one purpose and channel, with its proof. `given` None = never asked."""

    given: bool | None = None
    at: datetime | None = None
    contact_id: str = ""
    words: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One answer as it was given. `by_name` is the person who wrote it down."""

    consent_id: int
    purpose: str
    channel: str
    given: bool
    at: datetime
    contact_id: str
    words: str
    by: str
    by_name: str
    holds: bool  # it is the last one for its purpose and channel


NOT_ASKED = ConsentState()


async def matrix(session: AsyncSession, customer_id: int) -> Mapping[tuple[Purpose, Channel], ConsentState]:
    """Every purpose that needs consent, on every channel."""
    found: dict[tuple[Purpose, Channel], ConsentState] = {
        (purpose, channel): NOT_ASKED for purpose in Purpose if purpose is not Purpose.SERVICE for channel in Channel
    }
    for row in await _answers(session, customer_id):
        key = (Purpose(row.purpose), Channel(row.channel))
        if key in found:
            found[key] = ConsentState(given=row.given, at=row.at, contact_id=row.contact_id, words=row.words, by=row.by)
    return found


async def proofs(session: AsyncSession, customer_id: int) -> list[Proof]:
    """Every answer of the customer, newest first."""
    rows = await _answers(session, customer_id)
    last = {(row.purpose, row.channel): row.id for row in rows}
    numbers = {row.by for row in rows}
    known = await session.execute(select(User.number, User.name).where(User.number.in_(numbers)))
    names = {row.number: row.name for row in known}
    return [
        Proof(
            consent_id=row.id,
            purpose=row.purpose,
            channel=row.channel,
            given=row.given,
            at=row.at,
            contact_id=row.contact_id,
            words=row.words,
            by=row.by,
            by_name=names.get(row.by, row.by),
            holds=last[row.purpose, row.channel] == row.id,
        )
        for row in reversed(rows)
    ]


async def stopped_numbers(session: AsyncSession, customer_id: int) -> list[DoNotContact]:
    """The numbers of the customer that nobody may use on our own account."""
    own = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer_id)
    return list(await session.scalars(select(DoNotContact).where(DoNotContact.e164.in_(own))))


async def last_touches(session: AsyncSession, customer_id: int, limit: int = 20) -> list[Touch]:
    statement = select(Touch).where(Touch.customer_id == customer_id).order_by(Touch.at.desc()).limit(limit)
    return list(await session.scalars(statement))


async def _answers(session: AsyncSession, customer_id: int) -> list[Consent]:
    """Oldest first, so that the last one of a key wins."""
    statement = select(Consent).where(Consent.customer_id == customer_id).order_by(Consent.at, Consent.id)
    return list(await session.scalars(statement))
