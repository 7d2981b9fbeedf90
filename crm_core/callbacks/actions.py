"""What people do with voice messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.callbacks.model import VoiceMessage
from crm_core.db import storable
from crm_core.errors import NotFound


async def finish_message(session: AsyncSession, contact_id: str, *, actor: str, at: datetime) -> bool:
    """The message is dealt with; audited. False when a colleague was first. NotFound."""
    message = await session.get(VoiceMessage, storable(contact_id, 64), with_for_update=True)
    if message is None:
        raise NotFound("There is no such message.")
    if message.done_at is not None:
        return False
    message.done_at, message.done_by = at, actor
    await audit(session, at=at, actor=actor, action="message.done", subject=f"contact/{contact_id}", detail="")
    return True


async def reopen_message(session: AsyncSession, contact_id: str, *, actor: str, at: datetime) -> VoiceMessage:
    """There is something left to do after all; audited. NotFound."""
    message = await session.get(VoiceMessage, storable(contact_id, 64), with_for_update=True)
    if message is None:
        raise NotFound("There is no such message.")
    if message.done_at is not None:
        message.done_at, message.done_by = None, ""
        await audit(session, at=at, actor=actor, action="message.reopened", subject=f"contact/{contact_id}", detail="")
    return message
