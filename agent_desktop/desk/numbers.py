"""The number behind what stands on the screen: pages show masked numbers and dial them without knowing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.contacts.visible import may_see
from crm_core.access.actions import SignedInUser
from crm_core.callbacks.queries import message_line
from crm_core.customers.model import CustomerPhone
from crm_core.dealers.model import Dealer
from crm_core.dialling import ColleaguesNumber
from crm_core.errors import Invalid, NotFound
from crm_core.history.queries import contact
from crm_core.phone import to_e164
from crm_core.workforce.queries import agent

NumberKind = Literal["number", "phone", "customer", "contact", "message", "dealer", "rescue"]
"""number: as typed. phone: an id of CustomerPhone. customer, dealer: an id. contact, message: whose caller is meant.
rescue: the rescue telephone of the dealer with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """`customer_id` None = nobody we know for sure."""

    e164: str
    customer_id: int | None = None


async def number_behind(session: AsyncSession, me: SignedInUser, kind: NumberKind, value: str) -> Dialled:
    """Raises NotFound for what is not there, or a call `me` may not see; Invalid (field "number") for no number."""
    match kind:
        case "number":
            if await agent(session, value.strip()) is not None:
                raise ColleaguesNumber(value.strip())
            return Dialled(e164=complete(value))
        case "contact":
            return await _of_contact(session, me, value)
        case "message":
            return await _of_message(session, value)
        case "dealer" | "rescue":
            dealer = await session.get(Dealer, _id(value))
            if dealer is None:
                raise NotFound("There is no such dealer.")
            return Dialled(e164=complete((kind == "rescue" and dealer.rescue_phone) or dealer.phone))
        case _:
            return await _of_customer(session, kind, value)


def complete(typed: str) -> str:
    """E.164 of what was typed, or Invalid."""
    e164 = to_e164(typed)
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=typed[:20], field="number")
    return e164


async def _of_contact(session: AsyncSession, me: SignedInUser, value: str) -> Dialled:
    found = await contact(session, value)
    if found is None or not may_see(me, found.contact):
        raise NotFound("There is no such contact.")
    caller = found.contact.caller
    if not caller:
        raise Invalid("The caller hides the number.", field="number")
    return Dialled(e164=complete(caller), customer_id=found.contact.customer_id)


async def _of_message(session: AsyncSession, value: str) -> Dialled:
    """A voice message is work for everybody who takes calls, whoever talked with its caller before."""
    line = await message_line(session, value)
    if line is None:
        raise NotFound("There is no such message.")
    if not line.message.caller:
        raise Invalid("The caller hides the number.", field="number")
    return Dialled(e164=complete(line.message.caller), customer_id=line.customer_id)


async def _of_customer(session: AsyncSession, kind: str, value: str) -> Dialled:
    if kind == "phone":
        phone = await session.get(CustomerPhone, _id(value))
    else:
        phone = (await first_phones(session, [_id(value)])).get(_id(value))
    if phone is None:
        raise NotFound("No number of this customer is known.")
    return Dialled(e164=phone.e164, customer_id=phone.customer_id)


async def first_phones(session: AsyncSession, customers: Sequence[int]) -> dict[int, CustomerPhone]:
    """The number by which each customer is reached first: a mobile before others, then as entered."""
    order = (CustomerPhone.label != "mobile", CustomerPhone.position, CustomerPhone.id)
    rows = await session.scalars(select(CustomerPhone).where(CustomerPhone.customer_id.in_(customers)).order_by(*order))
    first: dict[int, CustomerPhone] = {}
    for phone in rows:
        first.setdefault(phone.customer_id, phone)
    return first


def _id(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 12):
        raise NotFound("There is no such entry.")
    return int(value)
