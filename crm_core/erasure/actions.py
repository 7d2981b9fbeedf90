"""A request for erasure: asked by one person, confirmed by another one, or by an administrator who types the number."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Role
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.erasure.model import ErasureItem, ErasureRequest
from crm_core.erasure.scope import things_of
from crm_core.errors import Invalid, NotAllowed, NotFound, Refused
from crm_core.jobs.actions import ensure

JOB = "erasure"
OPEN = ("asked", "running")


async def ask(
    session: AsyncSession, customer: int, why: str, *, whole: bool = False, actor: str, at: datetime
) -> ErasureRequest:
    """Nothing goes yet. `whole` = the person, too.

    NotFound, Invalid without a reason, Refused while another request of the customer is open.
    """
    if not (reason := storable(why.strip(), 200)):
        raise Invalid("Say how the customer asked for it, e.g. the letter's date.", field="why")
    if await session.get(Customer, customer) is None:
        raise NotFound("There is no such customer.")
    waiting = select(ErasureRequest.id).where(ErasureRequest.customer_id == customer, ErasureRequest.state.in_(OPEN))
    if await session.scalar(waiting.limit(1)) is not None:
        raise Refused("A request of this customer is open already.")
    row = ErasureRequest(customer_id=customer, whole=whole, why=reason, asked_by=storable(actor, 16), asked_at=at)
    session.add(row)
    await session.flush()
    await _audit(session, row, "erasure_asked", actor, at, why=reason, whole=whole or None)
    return row


async def confirm(
    session: AsyncSession, number: int, *, typed: str, actor: str, roles: Collection[Role], at: datetime
) -> ErasureRequest:
    """From now on it is carried out. NotAllowed for who asked, unless an administrator types the customer's number."""
    row = await _open(session, number, "asked")
    second = actor != row.asked_by
    if not second and Role.ADMINISTRATOR not in roles:
        raise NotAllowed("A second person must confirm it: whoever asked cannot.")
    if not second and typed.strip() != str(row.customer_id):
        raise Invalid("Type the customer's number {number} to confirm it alone.", number=row.customer_id, field="typed")
    row.state, row.how = "running", "second" if second else "typed"
    row.confirmed_by, row.confirmed_at = storable(actor, 16), at
    await session.flush()
    for thing in await things_of(session, row.customer_id, whole=row.whole):
        item = ErasureItem(request_id=row.id, kind=thing.kind.value, subject=thing.subject, contact_id=thing.contact)
        if thing.why == "law":
            item.result, item.why, item.at = "stayed", thing.why, at
        session.add(item)
    await ensure(session, JOB, str(row.id), at)
    await _audit(session, row, "erasure_confirmed", actor, at, how=row.how)
    return row


async def drop(session: AsyncSession, number: int, *, actor: str, at: datetime) -> ErasureRequest:
    """The customer wants it no more, or it was asked by mistake. Only before it was confirmed."""
    row = await _open(session, number, "asked")
    row.state, row.ended_at = "dropped", at
    await session.flush()
    await _audit(session, row, "erasure_dropped", actor, at)
    return row


async def _open(session: AsyncSession, number: int, state: str) -> ErasureRequest:
    row = await session.get(ErasureRequest, number, with_for_update=True) if 0 < number < 2**31 else None
    if row is None:
        raise NotFound("There is no such request.")
    if row.state != state:
        raise Refused("This request was confirmed or ended already.")
    return row


async def _audit(
    session: AsyncSession, row: ErasureRequest, action: str, actor: str, at: datetime, **facts: object
) -> None:
    detail = noting(customer=row.customer_id, **facts)
    await audit(session, at=at, actor=actor, action=action, subject=f"erasure/{row.id}", detail=detail)
