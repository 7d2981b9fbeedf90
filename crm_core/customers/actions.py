"""Making a customer known, remembering what they chose, and blocking a number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.customers.model import BlockedNumber, Customer, CustomerPhone
from crm_core.customers.spelling import spelled
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.phone import to_e164

LANGUAGES = ("zh-CN", "en")


async def create(
    session: AsyncSession,
    *,
    name: str,
    number: str,
    salutation: str = "",
    kind: str = "person",
    city: str = "",
    label: str = "mobile",
    actor: str,
    at: datetime,
) -> Customer:
    """A new customer with one number, from the three-field form. Raises Invalid, naming the field."""
    clean = " ".join(storable(name, 200).split())
    if not clean or len(clean) > 80:
        raise Invalid("Write the customer's name.", field="name")
    if kind not in ("person", "company"):
        raise Invalid("A customer is a person or a company.", field="kind")
    e164 = _e164(number)
    customer = Customer(
        kind=kind,
        name=clean,
        name_pinyin=spelled(clean),
        salutation=storable(salutation, 10),
        city=storable(city, 40),
        created_at=at,
    )
    session.add(customer)
    await session.flush()
    session.add(CustomerPhone(customer_id=customer.id, e164=e164, label=storable(label, 16)))
    await audit(session, at=at, actor=actor, action="customer_created", subject=f"customer/{customer.id}")
    return customer


async def add_phone(
    session: AsyncSession, customer_id: int, number: str, *, label: str = "mobile", actor: str, at: datetime
) -> None:
    """One more number of a customer; a number they have already changes nothing."""
    e164 = _e164(number)
    await _existing(session, customer_id)
    mine = select(func.count(), func.count().filter(CustomerPhone.e164 == e164)).where(
        CustomerPhone.customer_id == customer_id
    )
    count, known = (await session.execute(mine)).one()
    if known:
        return
    session.add(CustomerPhone(customer_id=customer_id, e164=e164, label=storable(label, 16), position=count))
    await audit(session, at=at, actor=actor, action="phone_added", subject=f"customer/{customer_id}")


async def remember_language(session: AsyncSession, customer_id: int, language: str) -> None:
    """The language the caller chose in the menu; used without asking the next time."""
    if language not in LANGUAGES:
        raise Invalid("The hotline speaks zh-CN and en.", field="language")
    await session.execute(update(Customer).where(Customer.id == customer_id).values(language=language))


async def block(session: AsyncSession, number: str, *, reason: str, actor: str, at: datetime) -> None:
    """Calls from this number end at once from now on; a blocked number gets the new reason."""
    e164 = _e164(number)
    await session.merge(
        BlockedNumber(e164=e164, reason=storable(reason, 120), blocked_by=storable(actor, 40), blocked_at=at)
    )
    await audit(session, at=at, actor=actor, action="number_blocked", subject=e164, detail=reason)


async def unblock(session: AsyncSession, number: str, *, actor: str, at: datetime) -> None:
    """A number that is not blocked is no error."""
    e164 = _e164(number)
    await session.execute(delete(BlockedNumber).where(BlockedNumber.e164 == e164))
    await audit(session, at=at, actor=actor, action="number_unblocked", subject=e164)


def _e164(number: str) -> str:
    e164 = to_e164(number)
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=number[:20], field="number")
    return e164


async def _existing(session: AsyncSession, customer_id: int) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer
