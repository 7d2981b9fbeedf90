"""Counts per quarter of an hour and per day of the site, kept as events come. Written only by reports.rollups.

A slot begins at a full quarter of an hour in UTC; a day is a day of the site. Waits are in seconds. The histograms
keep every wait at the second, so that a day can be counted again with another threshold without its calls:
see reports.wait_histogram.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class _QueueFigures:
    """The fields of reports.metrics.QueueCounts, by the thresholds that were valid on that day."""

    offered: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    abandoned: Mapped[int] = mapped_column(default=0)
    short_abandoned: Mapped[int] = mapped_column(default=0)
    answered_in_time: Mapped[int] = mapped_column(default=0)
    abandoned_in_time: Mapped[int] = mapped_column(default=0)
    elsewhere: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    overflowed: Mapped[int] = mapped_column(default=0)  # counted where they went
    answer_wait: Mapped[float] = mapped_column(default=0.0)
    abandon_wait: Mapped[float] = mapped_column(default=0.0)
    answer_waits: Mapped[str] = mapped_column(Text, default="")
    abandon_waits: Mapped[str] = mapped_column(Text, default="")


class _AgentFigures:
    """Seconds in each state inside the slot or day, and what was done: an offer counts where it was made, a talk
    where it ended."""

    ready: Mapped[float] = mapped_column(default=0.0)
    ringing: Mapped[float] = mapped_column(default=0.0)
    talking: Mapped[float] = mapped_column(default=0.0)
    hold: Mapped[float] = mapped_column(default=0.0)
    wrap_up: Mapped[float] = mapped_column(default=0.0)
    pause: Mapped[float] = mapped_column(default=0.0)  # breaks
    offered: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)  # not answered or declined
    handled: Mapped[int] = mapped_column(default=0)  # talks that ended, in and out
    outbound: Mapped[int] = mapped_column(default=0)  # of them, calls the site made


class QueueSlot(_QueueFigures, Base):
    """Visits that began in this quarter of an hour."""

    __tablename__ = "queue_slot"

    start_at: Mapped[datetime] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(40), primary_key=True)


class QueueDay(_QueueFigures, Base):
    """Visits that began on this day of the site."""

    __tablename__ = "queue_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(40), primary_key=True)


class AgentSlot(_AgentFigures, Base):
    """An agent in this quarter of an hour."""

    __tablename__ = "agent_slot"

    start_at: Mapped[datetime] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16), primary_key=True)


class AgentDay(_AgentFigures, Base):
    """An agent on this day of the site."""

    __tablename__ = "agent_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16), primary_key=True)


class FigureDue(Base):
    """A slot to count again, written in the transaction that changed its rows; the counting takes it away.

    `kind` is queue or agent, `subject` the queue or the agent. A slot may be named more than once.
    """

    __tablename__ = "figure_due"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    start_at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(String(40))


class FigureBasis(Base):
    """The one row that says what the stored figures stand on; without it, or before it is `ready`, none is believed.

    `turn` grows with each transaction that writes figures. `built_until` is the last day counted while not ready.
    """

    __tablename__ = "figure_basis"

    id: Mapped[int] = mapped_column(primary_key=True)  # 1
    zone: Mapped[str] = mapped_column(String(64))  # whose days they are
    version: Mapped[int]  # reports.rollups.VERSION
    ready: Mapped[bool] = mapped_column(default=False)
    built_until: Mapped[date | None]
    turn: Mapped[int] = mapped_column(default=0)


class QueueThresholds(Base):
    """The thresholds of one queue from `valid_from` on, until its next row; see reports.metrics.Thresholds."""

    __tablename__ = "queue_thresholds"
    __table_args__ = (UniqueConstraint("queue", "valid_from", name="uq_thresholds_queue_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    service_seconds: Mapped[int]
    short_abandon_seconds: Mapped[int]
    target_percent: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(16), default="")
    made_at: Mapped[datetime]


class ThresholdAct(Base):
    """Days that somebody had counted again with other thresholds, and the way back.

    `before` are the versions of the queue as they were: a list of {valid_from, service_seconds, …, made_by}.
    """

    __tablename__ = "threshold_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(40), index=True)
    first: Mapped[date]
    last: Mapped[date]
    service_seconds: Mapped[int]
    short_abandon_seconds: Mapped[int]
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    made_by: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    taken_back_by: Mapped[str] = mapped_column(String(16), default="")
    taken_back_at: Mapped[datetime | None]


class StreamGap(Base):
    """We were deaf to Asterisk from `began_at` to `ended_at` (NULL = still): figures of that time are estimates."""

    __tablename__ = "stream_gap"
    __table_args__ = (Index("ix_gap_began", "began_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(40), default="")
