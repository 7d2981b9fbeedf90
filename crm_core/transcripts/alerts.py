"""What a person was told of: talks with a word of a topic."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Contact, Leg, Recording
from crm_core.notices.actions import unread
from crm_core.transcripts.model import TranscriptHit, TranscriptLine
from crm_core.transcripts.storing import ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One talk; `hits` are (topic, word, seconds, side, sentence), in order. `told_at` = when the reader was told."""

    recording_id: int
    contact_id: str
    agent: str
    queue: str
    started_at: datetime
    told_at: datetime
    hits: tuple[tuple[str, str, float, str, str], ...]


async def alerts_of(session: AsyncSession, number: str, *, most: int) -> list[Alert]:
    """The unread ones of this person, the newest first, a talk once. What was erased meanwhile is left out."""
    told: dict[int, datetime] = {}
    for notice in await unread(session, number, ABOUT, limit=most):
        if notice.subject.isdigit():
            told.setdefault(int(notice.subject), notice.at)
    hits = await _hits(session, list(told))
    rows = select(Recording, Leg.queue, Contact.queue).join(Contact, Contact.id == Recording.contact_id)
    rows = rows.outerjoin(Leg, Leg.id == Recording.leg_id).where(Recording.id.in_(told))
    found = [
        Alert(
            recording_id=recording.id,
            contact_id=recording.contact_id,
            agent=recording.agent,
            queue=of_leg or of_contact,
            started_at=recording.started_at,
            told_at=told[recording.id],
            hits=tuple(hits[recording.id]),
        )
        for recording, of_leg, of_contact in await session.execute(rows)
        if hits[recording.id]
    ]
    return sorted(found, key=lambda one: (one.told_at, one.recording_id), reverse=True)


async def _hits(session: AsyncSession, ids: list[int]) -> dict[int, list[tuple[str, str, float, str, str]]]:
    found: dict[int, list[tuple[str, str, float, str, str]]] = defaultdict(list)
    rows = select(TranscriptHit, TranscriptLine.text).join(TranscriptLine, TranscriptLine.id == TranscriptHit.line_id)
    rows = rows.where(TranscriptHit.recording_id.in_(ids)).order_by(TranscriptHit.at)
    for hit, text in await session.execute(rows):
        found[hit.recording_id].append((hit.topic, hit.word, hit.at, hit.side, text))
    return found
