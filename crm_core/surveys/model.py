"""Rounds of questions after a talk and their answers. Written by history.writer from the feed.

What a caller answers in a menu is another thing: crm_core.self_service.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class SurveyRound(Base):
    """A customer was invited after the talk of `leg_id`. `version` is that of the queue's questions, `asked` how many.

    `result`: complete, declined, silent (pressed nothing), or "" = hung up, or is being asked.
    """

    __tablename__ = "survey_round"
    __table_args__ = (
        Index("ix_survey_round_queue", "queue", "offered_at"),
        Index("ix_survey_round_agent", "agent", "offered_at"),
    )

    leg_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8), default="")
    version: Mapped[int]
    asked: Mapped[int]
    offered_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(12), default="")


class SurveyScore(Base):
    """One key that a customer pressed; who, where and which version are those of the round, kept for counting.

    `alarm_at` tells when the watch has looked at it for a low score.
    """

    __tablename__ = "survey_score"
    __table_args__ = (Index("ix_survey_score", "agent", "at"), Index("ix_survey_score_new", "alarm_at", "at"))

    leg_id: Mapped[str] = mapped_column(ForeignKey("survey_round.leg_id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(12), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8), default="")
    version: Mapped[int]
    value: Mapped[int]
    at: Mapped[datetime]
    alarm_at: Mapped[datetime | None]
    low: Mapped[bool] = mapped_column(default=False)
