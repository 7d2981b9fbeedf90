"""When a customer was last in contact with us: kept on the customer, so that lists sort by it without the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer

_TABLE = Customer.__table__


async def keep_last_contact(session: AsyncSession, times: Mapping[int, datetime]) -> None:
    """Customer id to the beginning of a contact; an earlier one than is known changes nothing."""
    if not times:
        return
    known = _TABLE.c.last_contact_at
    later = (
        update(_TABLE)  # type: ignore[arg-type]
        .where(_TABLE.c.id == bindparam("customer"), or_(known.is_(None), known < bindparam("at", type_=known.type)))
        .values(last_contact_at=bindparam("at", type_=known.type))
    )
    connection = await session.connection()
    await connection.execute(later, [{"customer": customer, "at": at} for customer, at in sorted(times.items())])
