"""Reading what was said in one talk; `search` finds talks by what was said in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.marks import marks_of
from crm_core.transcripts.asking import Wanted
from crm_core.transcripts.model import Transcript, TranscriptHit, TranscriptLine
from crm_core.transcripts.search import FoundTalk, FoundTalks, Sentence, search, topics_said

__all__ = ["FoundTalk", "FoundTalks", "Sentence", "TranscriptView", "Wanted", "search", "topics_said", "transcript_of"]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """Seconds from the recording's start; `confidence` 0 to 1."""

    text: str
    began: float
    ended: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A word of a topic that was said."""

    topic: str
    word: str
    at: float
    side: str
    line_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`kind`: said (an utterance of `side`), or pause or hold (nobody's, no words; `why` as in history.marks)."""

    id: int
    kind: str
    side: str
    began: float
    ended: float
    text: str
    confidence: float
    words: tuple[SpokenWord, ...]
    hits: tuple[Hit, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptView:
    """All of one recording's, lines in order of time. `status` as in the table; seconds are of speech."""

    recording_id: int
    status: str
    failure: str
    engine: str
    language: str
    confidence: float | None
    made_at: datetime | None
    customer_seconds: float
    agent_seconds: float
    silence_seconds: float
    interruptions: int
    moments: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    hits: tuple[Hit, ...]


async def transcript_of(session: AsyncSession, recording_id: int) -> TranscriptView | None:
    """What was said in this recording, in order; None = nobody has put it on the list of what is transcribed (yet)."""
    made = await session.get(Transcript, recording_id)
    if made is None:
        return None
    hits = await _hits(session, recording_id)
    lines = [*await _lines(session, recording_id, hits), *await _marks(session, recording_id)]
    return TranscriptView(
        recording_id=recording_id,
        status=made.status,
        failure=made.failure,
        engine=made.engine,
        language=made.language,
        confidence=made.confidence,
        made_at=made.made_at,
        customer_seconds=made.customer_seconds,
        agent_seconds=made.agent_seconds,
        silence_seconds=made.silence_seconds,
        interruptions=made.interruptions,
        moments=tuple((float(at), str(side)) for at, side in made.moments),
        lines=tuple(sorted(lines, key=lambda line: (line.began, line.ended))),
        hits=tuple(hits),
    )


async def _hits(session: AsyncSession, recording_id: int) -> list[Hit]:
    rows = select(TranscriptHit).where(TranscriptHit.recording_id == recording_id).order_by(TranscriptHit.at)
    return [
        Hit(topic=row.topic, word=row.word, at=row.at, side=row.side, line_id=row.line_id)
        for row in await session.scalars(rows)
    ]


async def _lines(session: AsyncSession, recording_id: int, hits: list[Hit]) -> list[Line]:
    rows = select(TranscriptLine).where(TranscriptLine.recording_id == recording_id)
    return [_line(row, hits) for row in await session.scalars(rows)]


async def _marks(session: AsyncSession, recording_id: int) -> list[Line]:
    """Pauses and holds, at their place between the lines."""
    return [
        Line(
            id=0,
            kind=mark.kind,
            side="",
            began=mark.began,
            ended=mark.began if mark.ended is None else mark.ended,
            text="",
            confidence=1.0,
            words=(),
            hits=(),
            why=mark.why,
        )
        for mark in (await marks_of(session, [recording_id]))[recording_id]
    ]


def _line(row: TranscriptLine, hits: list[Hit]) -> Line:
    return Line(
        id=row.id,
        kind="said",
        side=row.side,
        began=row.began,
        ended=row.ended,
        text=row.text,
        confidence=row.confidence,
        words=tuple(SpokenWord(*word) for word in row.words),
        hits=tuple(hit for hit in hits if hit.line_id == row.id),
    )
