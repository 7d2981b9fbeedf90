"""The talks with a word of a topic that a listener was told of, has not looked at, and may hear today."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.transcripts.alerts import Alert, alerts_of
from recording.policy import Listener, may_hear


async def told_to(session: AsyncSession, listener: Listener, *, most: int) -> list[Alert]:
    """The newest first; one of an agent whom the reader does not lead any more is left out."""
    return [one for one in await alerts_of(session, listener.number, most=most) if may_hear(listener, agent=one.agent)]
