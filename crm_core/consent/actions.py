"""Writing down what a customer allows or refuses, and keeping a number from being used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.consent.model import Consent, DoNotContact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.integration.outbox import tell
from crm_core.phone import to_e164


async def answer(
    session: AsyncSession,
    customer_id: int,
    purpose: Purpose | str,
    channel: Channel | str,
    given: bool,
    *,
    contact_id: str,
    words: str,
    actor: str,
    at: datetime,
) -> Consent:
    """One answer of the customer with its proof; the earlier ones stay. `contact_id` "" = not in a contact of ours.

    Raises Invalid when the proof is missing: consent needs the contact or the words; a refusal needs neither.
    """
    return (
        await answers(
            session, customer_id, [(purpose, channel)], given, contact_id=contact_id, words=words, actor=actor, at=at
        )
    )[0]


async def answers(
    session: AsyncSession,
    customer_id: int,
    asked: Iterable[tuple[Purpose | str, Channel | str]],
    given: bool,
    *,
    contact_id: str,
    words: str,
    actor: str,
    at: datetime,
) -> list[Consent]:
    """The same answer to several questions, e.g. "no more advertising" on every channel."""
    questions = [_question(purpose, channel) for purpose, channel in asked]
    if not questions:
        raise Invalid("Choose what was asked.", field="purpose")
    proof = " ".join(storable(words, 400).split())
    if given and not contact_id and not proof:
        raise Invalid("Write down the customer's words: a consent needs its proof.", field="words")
    if len(proof) > 200:
        raise Invalid("Write the customer's words in 200 characters at most.", field="words")
    await _living(session, customer_id)
    rows = [
        Consent(
            customer_id=customer_id,
            purpose=purpose.value,
            channel=channel.value,
            given=given,
            at=at,
            contact_id=storable(contact_id, 64),
            words=proof,
            by=storable(actor, 16),
        )
        for purpose, channel in questions
    ]
    session.add_all(rows)
    await session.flush()
    told = ",".join(f"{purpose}/{channel}" for purpose, channel in questions)
    kind = "consent.given" if given else "consent.refused"
    await tell(session, kind, f"customer/{customer_id}", {"customer_id": customer_id, "asked": told.split(",")}, at=at)
    action = "consent_given" if given else "consent_refused"
    await audit(
        session,
        at=at,
        actor=actor,
        action=action,
        subject=f"customer/{customer_id}",
        detail=noting(asked=told.split(",")),
    )
    return rows


async def stop_contact(session: AsyncSession, number: str, *, reason: str, actor: str, at: datetime) -> DoNotContact:
    """Nobody uses this number on our own account from now on, whoever it belongs to. Raises Invalid."""
    e164 = to_e164(number)
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=number[:20], field="number")
    why = storable(reason.strip(), 120)
    if not why:
        raise Invalid("Say in a few words why nobody may call this number.", field="reason")
    row = await session.merge(DoNotContact(e164=e164, reason=why, by=storable(actor, 16), at=at))
    await session.flush()
    await audit(session, at=at, actor=actor, action="contact_stopped", subject=e164, detail=why)
    return row


async def allow_contact(session: AsyncSession, number: str, *, actor: str, at: datetime) -> None:
    """The way back; a number that was not stopped is no error."""
    e164 = to_e164(number) or ""
    await session.execute(delete(DoNotContact).where(DoNotContact.e164 == e164))
    await audit(session, at=at, actor=actor, action="contact_allowed", subject=storable(e164, 16))


def _question(purpose: Purpose | str, channel: Channel | str) -> tuple[Purpose, Channel]:
    try:
        known = Purpose(purpose), Channel(channel)
    except ValueError:
        raise Invalid("Choose from the list.", field="purpose") from None
    if known[0] is Purpose.SERVICE:
        raise Invalid("What the customer asked for needs no consent.", field="purpose")
    return known


async def _living(session: AsyncSession, customer_id: int) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise NotFound("There is no such customer.")
    return customer
