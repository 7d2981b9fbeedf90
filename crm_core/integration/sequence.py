"""Numbers the events in the order in which they became visible; see OutboxEvent.sequence."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.integration.model import OutboxEvent

NUMBERED_AT_ONCE = 1000


async def number_events(session: AsyncSession) -> int:
    """Give the next numbers to events that have none; how many. Two that do it at once: one does nothing."""
    unnumbered = select(OutboxEvent.id).where(OutboxEvent.sequence.is_(None))
    ids = list(await session.scalars(unnumbered.order_by(OutboxEvent.id).limit(NUMBERED_AT_ONCE)))
    if not ids:
        return 0
    last = await session.scalar(select(func.max(OutboxEvent.sequence))) or 0
    numbers = [{"id": event_id, "sequence": last + place} for place, event_id in enumerate(ids, start=1)]
    try:
        async with session.begin_nested():
            await session.execute(update(OutboxEvent), numbers)
    except IntegrityError:  # another process numbered them meanwhile
        return 0
    return len(ids)
