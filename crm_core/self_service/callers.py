"""Whose wish it is: the customer a caller has proven to be, the only one with the number, or a new one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.customers.queries import matches
from crm_core.phone import masked
from crm_core.self_service.acts import proven

MENU = "menu"
"""Who acts, in the audit log and in the story of a case."""


async def customer_of(session: AsyncSession, call: str, e164: str) -> int | None:
    """Proven, or the only one with this number; None = nobody, or several and nobody knows which."""
    found = await proven(session, call)
    if found is not None:
        return found.customer_id
    known = await matches(session, e164) if e164 else []
    return known[0] if len(known) == 1 else None


async def likely_customer(session: AsyncSession, call: str, e164: str, *, language: str, at: datetime) -> int:
    """As `customer_of`; else the likeliest of several; else a new one with this number, to be named by an agent."""
    found = await customer_of(session, call, e164)
    if found is not None:
        return found
    known = await matches(session, e164) if e164 else []
    return known[0] if known else await _new_customer(session, e164, language=language, at=at)


async def _new_customer(session: AsyncSession, e164: str, *, language: str, at: datetime) -> int:
    name = f"来电 {masked(e164)}" if e164 else "来电（号码隐藏）"
    customer = Customer(name=name, source="hotline", language=language, created_at=at)
    session.add(customer)
    await session.flush()
    if e164:
        session.add(CustomerPhone(customer_id=customer.id, e164=e164, label="mobile"))
        await session.flush()
    await audit(session, at=at, actor=MENU, action="customer_created", subject=f"customer/{customer.id}")
    return customer.id
