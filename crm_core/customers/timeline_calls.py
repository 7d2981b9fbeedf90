"""What a call in the timeline tells beside the call: the voice message that was left, and how it was rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import VoiceMessage
from crm_core.customers.timeline_facts import Kind, TimelineEntry
from crm_core.surveys.queries import averages_of


async def with_messages_and_ratings(session: AsyncSession, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """In two queries at most; calls that have neither are left as they are.

    A message's text is told where nobody wrote a remark, and who dealt with it where nobody talked.
    """
    calls = [entry.ref for entry in entries if entry.kind is Kind.CALL]
    left = [entry.ref for entry in entries if entry.kind is Kind.CALL and entry.status == "voicemail"]
    rated = await averages_of(session, calls) if calls else {}
    messages: dict[str, VoiceMessage] = {}
    if left:
        rows = await session.scalars(select(VoiceMessage).where(VoiceMessage.contact_id.in_(left)))
        messages = {row.contact_id: row for row in rows}
    return [_told(entry, rated.get(entry.ref), messages.get(entry.ref)) for entry in entries]


def _told(entry: TimelineEntry, rated: float | None, message: VoiceMessage | None) -> TimelineEntry:
    if entry.kind is not Kind.CALL:
        return entry
    if message is None:
        return replace(entry, rated=rated)
    parts = (entry.text or message.text or message.heard, message.note)
    text = "\n".join(dict.fromkeys(part for part in parts if part))
    return replace(entry, rated=rated, text=text, person=entry.person or message.done_by or message.owner)
