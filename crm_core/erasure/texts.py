"""Erasing the words of a customer: transcripts, texts of messages and comments, notes. Each with the proof of it."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import VoiceMessage
from crm_core.erasure.person import erase_identity, erase_numbers, erase_wishes
from crm_core.erasure.scope import Kind
from crm_core.history.model import Contact, ContactNote
from crm_core.quality.erasing import words_of_reviews
from crm_core.questionnaires.model import Answer
from crm_core.transcripts.model import TranscriptLine
from crm_core.transcripts.storing import forget

Proof = tuple[int, str]
"""Bytes and SHA-256 of what was there, in UTF-8; (0, "") = nothing was."""

PERSON = {Kind.PERSON: erase_identity, Kind.NUMBERS: erase_numbers, Kind.WISHES: erase_wishes}


async def erase_text(session: AsyncSession, kind: str, subject: str) -> Proof:
    """Of one thing that erasure.scope named; sound is not its."""
    name = subject.partition(":")[2]
    match kind:
        case Kind.TRANSCRIPT:
            return await _transcript(session, int(name))
        case Kind.MESSAGE:
            return await _message(session, name)
        case Kind.COMMENT:
            return await _comment(session, name)
        case Kind.NOTE:
            return await _note(session, name)
        case Kind.PERSON | Kind.NUMBERS | Kind.WISHES:
            return proof_of(await PERSON[Kind(kind)](session, int(name)))
        case _:
            raise ValueError(kind)


async def _transcript(session: AsyncSession, recording: int) -> Proof:
    lines = select(TranscriptLine.text).where(TranscriptLine.recording_id == recording)
    proof = proof_of(await session.scalars(lines.order_by(TranscriptLine.id)))
    await forget(session, [recording])
    return proof


async def _message(session: AsyncSession, contact: str) -> Proof:
    row = await session.get(VoiceMessage, contact)
    if row is None:
        return 0, ""
    proof = proof_of([row.heard, row.text, row.note])
    row.heard = row.text = row.note = ""
    row.text_state = "silent"  # no recogniser is asked again
    return proof


async def _comment(session: AsyncSession, name: str) -> Proof:
    response, _, question = name.partition("/")
    row = await session.get(Answer, (int(response), question))
    if row is None:
        return 0, ""
    proof = proof_of([row.text])
    row.text = ""
    row.text_state = "silent" if row.sound else ""
    return proof


async def _note(session: AsyncSession, contact: str) -> Proof:
    """What agents wrote of the call, and what was written when it was judged; the marks stay."""
    parts = select(ContactNote.text).where(ContactNote.contact_id == contact).order_by(ContactNote.agent)
    whole = await session.scalar(select(Contact.note).where(Contact.id == contact))
    judged = await words_of_reviews(session, contact)
    proof = proof_of([whole or "", *await session.scalars(parts), *judged])
    await session.execute(delete(ContactNote).where(ContactNote.contact_id == contact))
    await session.execute(update(Contact).where(Contact.id == contact).values(note=""))
    return proof


def proof_of(texts: object) -> Proof:
    """Each text on a line of its own."""
    content = "\n".join(str(one) for one in texts).encode()  # type: ignore[attr-defined]
    return (len(content), hashlib.sha256(content).hexdigest()) if content.strip() else (0, "")
