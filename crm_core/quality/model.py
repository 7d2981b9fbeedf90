"""Forms and their versions, sampling rules and what they drew, reviews, coaching notes, excerpts for training."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base
from crm_core.drafted import Drafted, DraftedVersion


class QualityForm(Drafted):
    __tablename__ = "quality_form"


class QualityFormVersion(DraftedVersion):
    """`content` is quality.forms.Form as stored."""

    __tablename__ = "quality_form_version"
    __table_args__ = (UniqueConstraint("form_id", "number", name="uq_quality_form_version"),)

    form_id: Mapped[int] = mapped_column(ForeignKey("quality_form.id", ondelete="CASCADE"))


class QualityRule(Base):
    """Which talks are drawn: quality.sampling.Rule as stored. `seed` is made once and never changed.

    `reviewers` [] = whoever may review; `due_days` after the draw a review is due.
    """

    __tablename__ = "quality_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    form_id: Mapped[int] = mapped_column(ForeignKey("quality_form.id"))
    seed: Mapped[str] = mapped_column(String(32))
    most: Mapped[int] = mapped_column(default=3)
    threshold: Mapped[float] = mapped_column(default=0.0)
    shortest: Mapped[float] = mapped_column(default=30.0)
    queues: Mapped[list[str]] = mapped_column(JSON, default=list)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    reviewers: Mapped[list[str]] = mapped_column(JSON, default=list)
    second_percent: Mapped[int] = mapped_column(default=0)
    due_days: Mapped[int] = mapped_column(default=5)
    active: Mapped[bool] = mapped_column(default=True)
    saved_by: Mapped[str] = mapped_column(String(16))
    saved_at: Mapped[datetime]
    drawn_until: Mapped[datetime | None]  # talks that began before this were looked at
    removed_at: Mapped[datetime | None]


class QualityDraw(Base):
    """A talk that waits for a review, and why. `kind` is that of the rule, or "asked" = a person asked for it.

    `period`, `ticket`, `place`, `of` and `found` are those of quality.sampling.Drawn. `second`: judged without seeing
    the first review. `reviewer` "" = whoever takes it. `state`: open, done, or gone (no sound is left to judge).
    """

    __tablename__ = "quality_draw"
    __table_args__ = (
        UniqueConstraint("rule_id", "recording_id", "second", name="uq_quality_draw"),
        Index("ix_quality_draw_open", "state", "reviewer", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("quality_rule.id"))
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(12))
    form_id: Mapped[int] = mapped_column(ForeignKey("quality_form.id"))
    period: Mapped[str] = mapped_column(String(10), default="")
    ticket: Mapped[str] = mapped_column(String(16), default="")
    place: Mapped[int] = mapped_column(default=0)
    of: Mapped[int] = mapped_column(default=0)
    found: Mapped[str] = mapped_column(String(120), default="")
    second: Mapped[bool] = mapped_column(default=False)
    reviewer: Mapped[str] = mapped_column(String(16), default="")
    by: Mapped[str] = mapped_column(String(16))
    drawn_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(6), default="open")


class QualityReview(Base):
    """One reviewer's judgement of one talk, by exactly this version of the form.

    `marks` is quality.scoring.Marks as stored, `tenths` the score (0 to 1000). `state`: draft, submitted, appealed or
    decided. `second` ones are for calibration: the agent does not see them and no trend counts them. `talk_at` is when
    the talk began, `team` the agent's team then. The agent answers once, until `answer_until`.
    """

    __tablename__ = "quality_review"
    __table_args__ = (
        UniqueConstraint("recording_id", "reviewer", name="uq_quality_review"),
        Index("ix_quality_review_agent", "agent", "talk_at"),
        Index("ix_quality_review_talk", "talk_at"),
        Index("ix_quality_review_by", "reviewer", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(String(64), index=True)
    agent: Mapped[str] = mapped_column(String(16))
    team: Mapped[str] = mapped_column(String(40), default="")
    talk_at: Mapped[datetime]
    form_id: Mapped[int] = mapped_column(ForeignKey("quality_form.id"))
    version: Mapped[int]
    reviewer: Mapped[str] = mapped_column(String(16))
    second: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    revision: Mapped[int] = mapped_column(default=0)
    marks: Mapped[dict[str, Any]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(Text, default="")
    tenths: Mapped[int | None]
    began_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None] = mapped_column(index=True)
    seen_at: Mapped[datetime | None]  # by the agent
    answer_until: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(16), default="")
    decided_at: Mapped[datetime | None]
    first_tenths: Mapped[int | None]  # the score before a decision changed it


class QualityCoaching(Base):
    """What was agreed with an agent, to be looked at again on `follow_up_on`. `review_id` is what it came from."""

    __tablename__ = "quality_coaching"
    __table_args__ = (Index("ix_quality_coaching_agent", "agent", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16))
    review_id: Mapped[int | None] = mapped_column(ForeignKey("quality_review.id", ondelete="SET NULL"))
    by: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str] = mapped_column(Text)
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]  # by the agent
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(16), default="")
    result: Mapped[str] = mapped_column(Text, default="")


class QualityExcerpt(Base):
    """A part of a recording to learn from: `began` to `ended` in seconds from its start; `hushed` parts are silent.

    `audience`: agents (all who take calls), leaders, or reviewers. It names no customer.
    """

    __tablename__ = "quality_excerpt"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    began: Mapped[float]
    ended: Mapped[float]
    hushed: Mapped[list[list[float]]] = mapped_column(JSON, default=list)
    audience: Mapped[str] = mapped_column(String(10), default="agents")
    made_by: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(index=True)
