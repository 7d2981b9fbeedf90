"""A finished transcript, all in one transaction: lines, what they are found by, words of topics, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import storable
from crm_core.notices.actions import notify
from crm_core.notices.model import WorkNotice
from crm_core.notices.people import own_leaders, reviewers, supervisors
from crm_core.transcripts.keywords import Listening, found_in
from crm_core.transcripts.model import DONE, SIDES, Transcript, TranscriptHit, TranscriptLine, TranscriptText
from crm_core.transcripts.pieces import time_at
from crm_core.transcripts.queue import NextTalk
from crm_core.transcripts.talk import Span, talk_of
from crm_core.transcripts.terms import said_terms

ABOUT = "keyword"
LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLine:
    """An utterance; `words` are [text, began, ended, confidence]."""

    side: str
    began: float
    ended: float
    text: str
    confidence: float
    words: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an engine made of a recording. `spans` of speech by side; `left_out` holds and pauses."""

    engine: str
    language: str
    seconds: float
    lines: Sequence[MadeLine]
    spans: Mapping[str, Sequence[Span]]
    left_out: Sequence[Span] = ()


async def store(session: AsyncSession, talk: NextTalk, made: Made, listening: Listening, *, at: datetime) -> list[str]:
    """Instead of what there was of this recording. Gives the numbers of those who are told of a topic."""
    row = await session.get(Transcript, talk.recording_id)
    if row is None:  # the recording was erased while it was being transcribed
        return []
    await forget(session, [talk.recording_id])
    _fill(row, made, at)
    lines = [_line(talk.recording_id, line) for line in made.lines if line.text]
    session.add_all(lines)
    await session.flush()
    hits = [hit for line in lines for hit in _hits(line, listening)]
    session.add_all(hits)
    session.add_all(text_row(talk, side, [line.text for line in lines if line.side == side], hits) for side in SIDES)
    loud = [topic.key for topic in listening.topics if topic.alert and any(hit.topic == topic.key for hit in hits)]
    return await _tell(session, talk, loud, at)


async def forget(session: AsyncSession, recording_ids: Sequence[int]) -> None:
    """Lines, hits and what they are found by are gone, e.g. when a customer's data is erased; the row stays."""
    for table in (TranscriptHit, TranscriptLine, TranscriptText):
        await session.execute(delete(table).where(table.recording_id.in_(recording_ids)))


def text_row(talk: NextTalk, side: str, texts: Sequence[str], hits: Sequence[TranscriptHit]) -> TranscriptText:
    """What this side is found by."""
    topics = {hit.topic for hit in hits if hit.side == side}
    row = TranscriptText(id=text_id(talk.recording_id, side), recording_id=talk.recording_id, side=side)
    row.tags = " ".join([tag("a", talk.agent), tag("q", talk.queue), tag("s", side), *(tag("t", t) for t in topics)])
    row.words = " ".join(said_terms(texts))
    return row


def text_id(recording_id: int, side: str) -> int:
    return recording_id * len(SIDES) + SIDES.index(side)


def tag(kind: str, value: str) -> str:
    """Letters and digits only, after a sign that no word has: nothing in `value` can be an operator of a search."""
    return f"_{kind}{value.encode().hex()}"


def _fill(row: Transcript, made: Made, at: datetime) -> None:
    customer, agent = (made.spans.get(side, ()) for side in SIDES)
    told = talk_of(customer, agent, seconds=made.seconds, left_out=made.left_out)
    row.status, row.failure, row.made_at, row.urgency = DONE, "", at, 0
    row.engine, row.language = storable(made.engine, 60), storable(made.language, 8)
    row.customer_seconds, row.agent_seconds, row.silence_seconds = told.customer, told.agent, told.silence
    row.interruptions, row.moments = len(told.interruptions), [list(one) for one in told.interruptions]
    words = [word[3] for line in made.lines for word in line.words]
    row.confidence = sum(words) / len(words) if words else None


def _line(recording_id: int, made: MadeLine) -> TranscriptLine:
    line = TranscriptLine(recording_id=recording_id, side=made.side, began=made.began, ended=made.ended)
    line.text, line.confidence = storable(made.text, LONGEST_TEXT), made.confidence
    line.words = [[storable(str(text).strip(), 200), began, ended, sure] for text, began, ended, sure in made.words]
    return line


def _hits(line: TranscriptLine, listening: Listening) -> list[TranscriptHit]:
    return [
        TranscriptHit(
            recording_id=line.recording_id,
            topic=found.topic,
            word=storable(line.text[found.begin : found.end], 60),
            at=time_at(line.text, line.words, found.begin, line.began),
            side=line.side,
            line_id=line.id,
        )
        for found in found_in(line.text, line.side, listening.topics)
    ]


async def _tell(session: AsyncSession, talk: NextTalk, topics: Sequence[str], at: datetime) -> list[str]:
    """Once for a talk and topic, however often it is transcribed."""
    subject = str(talk.recording_id)
    before = select(WorkNotice.kind).where(WorkNotice.about == ABOUT, WorkNotice.subject == subject)
    known = set(await session.scalars(before))
    told: list[str] = []
    for topic in topics:
        if topic not in known:
            told += notify(session, await _who(session, talk.agent), ABOUT, subject, topic, at=at)
    return list(dict.fromkeys(told))


async def _who(session: AsyncSession, agent: str) -> list[str]:
    """Supervisors and quality reviewers hear all talks, leaders those of their agents."""
    told = [*await supervisors(session), *await reviewers(session), *await own_leaders(session, agent)]
    return list(dict.fromkeys(told))
