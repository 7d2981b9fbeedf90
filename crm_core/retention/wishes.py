"""What a customer asked for about recordings: it counts before every rule of the site, after holds and open cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.retention.model import RecordingWish
from crm_core.retention.rules import MOST_DAYS


async def set_wish(session: AsyncSession, customer: int, days: object, *, actor: str, at: datetime) -> None:
    """`days` after a talk its sound goes: 0 = with the next list, a night after it; None = as the site's rules say."""
    if days is not None and not (type(days) is int and 0 <= days <= MOST_DAYS):
        raise Invalid("Enter 0, or a number from {low} to {high}.", low=1, high=MOST_DAYS, field="days")
    if await session.get(Customer, customer) is None:
        raise NotFound("There is no such customer.")
    row = await session.get(RecordingWish, customer)
    before = row.days if row else None
    if before == days:
        return
    if days is None and row is not None:
        await session.delete(row)
    elif isinstance(days, int):
        row = row or RecordingWish(customer_id=customer)
        row.days, row.by, row.at = days, storable(actor, 16), at
        session.add(row)
    await session.flush()
    detail = changed({"days": before}, {"days": days})
    await audit(session, at=at, actor=actor, action="recording_wished", subject=f"customer/{customer}", detail=detail)
