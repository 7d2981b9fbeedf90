"""Who looked at whom: every view of a customer and every number that was shown is on the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.model import AuditEntry
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.errors import NotFound

SEEN_EVERY = timedelta(minutes=10)
_RECENT_LOOKS = 200


async def see(session: AsyncSession, customer_id: int, *, actor: str, at: datetime) -> bool:
    """Note the view of a customer, once for a person in ten minutes; whether a note was made."""
    mine = (AuditEntry.subject == f"customer/{customer_id}", AuditEntry.actor == actor)
    lately = select(AuditEntry.id).where(*mine, AuditEntry.action == "customer_seen", AuditEntry.at > at - SEEN_EVERY)
    if await session.scalar(lately.limit(1)) is not None:
        return False
    await audit(session, at=at, actor=actor, action="customer_seen", subject=f"customer/{customer_id}")
    return True


async def show_number(
    session: AsyncSession, phone_id: int, *, actor: str, at: datetime, reach: Reach = EVERYTHING
) -> CustomerPhone:
    """The number behind a masked one; each time is on the log. Raises NotFound."""
    phone = await session.get(CustomerPhone, phone_id)
    if phone is None:
        raise NotFound("No number of this customer is known.")
    reach.require(await session.scalar(select(Customer.dealer_id).where(Customer.id == phone.customer_id)))
    subject = f"customer/{phone.customer_id}"
    await audit(session, at=at, actor=actor, action="number_shown", subject=subject, detail=f"phone/{phone_id}")
    return phone


async def open_form(session: AsyncSession, customer_id: int, part: str, *, actor: str, at: datetime) -> None:
    """A form shows whole numbers: opening it is noted as showing them."""
    subject = f"customer/{customer_id}"
    await audit(session, at=at, actor=actor, action="number_shown", subject=subject, detail=f"form: {part}"[:40])


async def recently_seen(session: AsyncSession, actor: str, limit: int = 8) -> list[int]:
    """Ids of the customers this person looked at last, the latest first."""
    looks = select(AuditEntry.subject).where(AuditEntry.actor == actor, AuditEntry.action == "customer_seen")
    subjects = await session.scalars(looks.order_by(AuditEntry.id.desc()).limit(_RECENT_LOOKS))
    return list(dict.fromkeys(int(subject.removeprefix("customer/")) for subject in subjects))[:limit]
