"""A transcript per recording: its state in the queue, its lines, the words under which it is found, keyword hits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base
from crm_core.transcripts import index

WAITING, RUNNING, DONE, FAILED, NO_MODEL, OFF = "waiting", "running", "done", "failed", "no_model", "off"
CUSTOMER, AGENT = "customer", "agent"
SIDES = (CUSTOMER, AGENT)


class Transcript(Base):
    """One recording's. The rows that wait are the queue: the most urgent, then the newest, is next.

    `status`: waiting, running, done, failed, no_model (of the call's language none is installed) or off (its queue is
    not transcribed). `urgency` 2 = of a complaint, 1 = of a rescue, 0 = any other. `failure` says why there is no text.
    Seconds are of speech, see talk.py; `moments` are the interruptions, [seconds, side that interrupts].
    """

    __tablename__ = "transcript"
    __table_args__ = (Index("ix_transcript_queue", "status", "urgency", "recording_id"),)

    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), default=WAITING)
    urgency: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(String(300), default="")
    engine: Mapped[str] = mapped_column(String(60), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    confidence: Mapped[float | None]
    made_at: Mapped[datetime | None]
    customer_seconds: Mapped[float] = mapped_column(default=0.0)
    agent_seconds: Mapped[float] = mapped_column(default=0.0)
    silence_seconds: Mapped[float] = mapped_column(default=0.0)
    interruptions: Mapped[int] = mapped_column(default=0)
    moments: Mapped[list[Any]] = mapped_column(JSON, default=list)


class TranscriptLine(Base):
    """One utterance of one side, `began` and `ended` in seconds from the recording's start.

    `words` is [[text, began, ended, confidence 0 to 1], ...].
    """

    __tablename__ = "transcript_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("transcript.recording_id", ondelete="CASCADE"), index=True)
    side: Mapped[str] = mapped_column(String(8))
    began: Mapped[float]
    ended: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    words: Mapped[list[Any]] = mapped_column(JSON, default=list)


class TranscriptText(Base):
    """What one side of a talk is found by: `words` are terms.py's of all its lines, `tags` what it is filtered by.

    `id` is made of the recording's, so that the newest talk has the highest: a search reads backwards and stops.
    """

    __tablename__ = "transcript_text"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    recording_id: Mapped[int] = mapped_column(ForeignKey("transcript.recording_id", ondelete="CASCADE"), index=True)
    side: Mapped[str] = mapped_column(String(8))
    tags: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


class TranscriptHit(Base):
    """A word of a topic (see keywords.py) that was said, `at` seconds from the recording's start."""

    __tablename__ = "transcript_hit"
    __table_args__ = (Index("ix_transcript_hit_topic", "topic", "recording_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("transcript.recording_id", ondelete="CASCADE"), index=True)
    topic: Mapped[str] = mapped_column(String(40))
    word: Mapped[str] = mapped_column(String(60))
    at: Mapped[float]
    side: Mapped[str] = mapped_column(String(8))
    line_id: Mapped[int] = mapped_column(ForeignKey("transcript_line.id", ondelete="CASCADE"), index=True)


index.attach(event, TranscriptText.__table__)
