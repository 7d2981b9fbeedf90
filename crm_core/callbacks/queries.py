"""Reading callbacks and voice messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import Callback, MessageStep, VoiceMessage
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.history.model import Contact, Recording

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message with whom it is from, "" = nobody we know, and its sound, None = not written yet."""

    message: VoiceMessage
    customer: str
    customer_id: int | None
    recording: Recording | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFigures:
    """Open messages: `waiting` of them are with nobody, `overdue` past their time; `oldest` None = none is open."""

    waiting: int
    in_hand: int
    overdue: int
    oldest: datetime | None


def _in_order() -> tuple[Any, ...]:
    """Urgent ones first, then by due time; one whose time is not known yet is new."""
    due = func.coalesce(VoiceMessage.due_at, VoiceMessage.left_at)
    return VoiceMessage.urgent.desc(), due, VoiceMessage.left_at, VoiceMessage.contact_id


async def open_messages(session: AsyncSession, *, mine: str = "") -> list[MessageLine]:
    """Urgent ones first, then by due time; at most `MOST`. `mine` = those that this agent has, or is offered."""
    wanted = select(VoiceMessage).where(VoiceMessage.done_at.is_(None))
    if mine:
        wanted = wanted.where(or_(VoiceMessage.owner == mine, VoiceMessage.offered_to == mine))
    return await _lines(session, list(await session.scalars(wanted.order_by(*_in_order()).limit(MOST))))


async def done_messages(session: AsyncSession, since: datetime) -> list[MessageLine]:
    """Those that were done at or after `since`, the latest first; at most `MOST`."""
    wanted = select(VoiceMessage).where(VoiceMessage.done_at >= since)
    ordered = wanted.order_by(VoiceMessage.done_at.desc(), VoiceMessage.contact_id).limit(MOST)
    return await _lines(session, list(await session.scalars(ordered)))


async def message_line(session: AsyncSession, contact_id: str) -> MessageLine | None:
    message = await session.get(VoiceMessage, storable(contact_id, 64))
    return (await _lines(session, [message]))[0] if message is not None else None


async def steps_of(session: AsyncSession, contact_id: str) -> list[MessageStep]:
    """What happened with a message, the latest first; at most `MOST`."""
    steps = select(MessageStep).where(MessageStep.contact_id == storable(contact_id, 64))
    return list(await session.scalars(steps.order_by(MessageStep.at.desc(), MessageStep.id.desc()).limit(MOST)))


async def count_open_messages(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).where(VoiceMessage.done_at.is_(None))) or 0


async def message_figures(session: AsyncSession, now: datetime) -> MessageFigures:
    nobodys = VoiceMessage.owner == ""
    row = (
        await session.execute(
            select(
                func.count().filter(nobodys).label("waiting"),
                func.count().filter(VoiceMessage.owner != "").label("in_hand"),
                func.count().filter(VoiceMessage.due_at < now).label("overdue"),
                func.min(VoiceMessage.left_at).label("oldest"),
            ).where(VoiceMessage.done_at.is_(None))
        )
    ).one()
    return MessageFigures(waiting=row.waiting, in_hand=row.in_hand, overdue=row.overdue, oldest=row.oldest)


async def _lines(session: AsyncSession, messages: Sequence[VoiceMessage]) -> list[MessageLine]:
    ids = [message.contact_id for message in messages]
    callers = await session.execute(
        select(Contact.id, Customer.id.label("customer_id"), Customer.name)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Contact.id.in_(ids))
    )
    known = {row.id: (row.customer_id, row.name) for row in callers}
    sounds = await session.scalars(select(Recording).where(Recording.leg_id.in_([f"{one}-m" for one in ids])))
    recordings = {sound.contact_id: sound for sound in sounds}
    return [
        MessageLine(
            message=message,
            customer=known.get(message.contact_id, (None, ""))[1],
            customer_id=known.get(message.contact_id, (None, ""))[0],
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
