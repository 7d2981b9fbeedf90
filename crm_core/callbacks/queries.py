"""Reading callbacks and voice messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import Callback, VoiceMessage
from crm_core.customers.model import Customer
from crm_core.history.model import Contact, Recording

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message with whom it is from, "" = nobody we know, and its sound, None = not written yet."""

    message: VoiceMessage
    customer: str
    recording: Recording | None


async def open_messages(session: AsyncSession) -> list[MessageLine]:
    """Urgent ones first, then the oldest; at most `MOST`."""
    wanted = select(VoiceMessage).where(VoiceMessage.done_at.is_(None))
    ordered = wanted.order_by(VoiceMessage.urgent.desc(), VoiceMessage.left_at, VoiceMessage.contact_id).limit(MOST)
    return await _lines(session, list(await session.scalars(ordered)))


async def done_messages(session: AsyncSession, since: datetime) -> list[MessageLine]:
    """Those that were done at or after `since`, the latest first; at most `MOST`."""
    wanted = select(VoiceMessage).where(VoiceMessage.done_at >= since)
    ordered = wanted.order_by(VoiceMessage.done_at.desc(), VoiceMessage.contact_id).limit(MOST)
    return await _lines(session, list(await session.scalars(ordered)))


async def count_open_messages(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).where(VoiceMessage.done_at.is_(None))) or 0


async def _lines(session: AsyncSession, messages: Sequence[VoiceMessage]) -> list[MessageLine]:
    ids = [message.contact_id for message in messages]
    callers = await session.execute(
        select(Contact.id, Customer.name).join(Customer, Customer.id == Contact.customer_id).where(Contact.id.in_(ids))
    )
    names = {row.id: row.name for row in callers}
    sounds = await session.scalars(select(Recording).where(Recording.leg_id.in_([f"{one}-m" for one in ids])))
    recordings = {sound.contact_id: sound for sound in sounds}
    return [
        MessageLine(
            message=message,
            customer=names.get(message.contact_id, ""),
            recording=recordings.get(message.contact_id),
        )
        for message in messages
    ]


async def callback_of(session: AsyncSession, contact_id: str) -> Callback | None:
    """The callback that was booked in this contact, or that this outgoing contact is an attempt of."""
    booked = contact_id
    if contact_id.startswith("cb-"):
        booked = contact_id.removeprefix("cb-").rpartition("-")[0]
    return await session.scalar(select(Callback).where(Callback.id == booked))
