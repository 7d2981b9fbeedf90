"""Queues, teams, and the agents with their skills: what the engine and Asterisk's files are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.access.model import User
from crm_core.db import Base


class QueueRow(Base):
    """A queue; times in seconds, the service target in percent; 0 = off, none, no limit.

    The fields of routing are those of `acd.model.Queue`. `levels` is a list of {after_seconds, level} in order of
    waiting; `overflow` a list of {to, after_seconds, expected_over_seconds}. A queue with `leaving_at` takes no new
    callers and is removed when the last one is served; history keeps the name of a removed one.
    """

    __tablename__ = "queue"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # e.g. "repair"
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    skill: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=0)
    ring_seconds: Mapped[int] = mapped_column(default=20)
    wrap_up_seconds: Mapped[int] = mapped_column(default=30)
    service_seconds: Mapped[int] = mapped_column(default=20)
    service_target_percent: Mapped[int] = mapped_column(default=80)
    short_abandon_seconds: Mapped[int] = mapped_column(default=5)
    strategy: Mapped[str] = mapped_column(String(20), default="best_skill")
    levels: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    ageing_seconds: Mapped[int] = mapped_column(default=0)
    sticky_seconds: Mapped[int] = mapped_column(default=0)
    affinity_seconds: Mapped[int] = mapped_column(default=0)
    overflow: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    most_waiting: Mapped[int] = mapped_column(default=0)
    when_full: Mapped[str] = mapped_column(String(12), default="stay")
    longest_wait_seconds: Mapped[int] = mapped_column(default=0)
    when_too_long: Mapped[str] = mapped_column(String(12), default="stay")
    first_announcement_seconds: Mapped[int] = mapped_column(default=15)
    announce_every_seconds: Mapped[int] = mapped_column(default=45)
    is_open_for_calls: Mapped[bool] = mapped_column(default=True)
    callback_offered: Mapped[bool] = mapped_column(default=True)
    message_offered: Mapped[bool] = mapped_column(default=True)
    leaving_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Team(Base):
    """`missed_limit` offers missed in a row set an agent to break; 0 = never."""

    __tablename__ = "team"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # e.g. "team_one"
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(default=0)
    missed_limit: Mapped[int] = mapped_column(default=3)


class TeamLeader(Base):
    """Who leads a team. A team may have several leaders, a leader several teams."""

    __tablename__ = "team_leader"
    __table_args__ = (UniqueConstraint("user_id", "team"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    team: Mapped[str] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))


class AgentRow(Base):
    """A user who takes calls. The phone's extension is the user's number.

    `phone_contact` "" = the phone in the browser; else the fixed SIP address of a desk phone,
    e.g. sip:1001@127.0.0.3:5390, which may call and be called without registering. `team` is a team's id, "" = none.
    `tags` are what callers may be near to, e.g. "dealer:17", "region:east"; `capacity` maps a word of `words.MEDIA`
    to how much of it the agent does at a time, 1 where it lacks one.
    """

    __tablename__ = "agent"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    team: Mapped[str] = mapped_column(String(40), default="")
    phone_contact: Mapped[str] = mapped_column(String(80), default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    user: Mapped[User] = relationship(lazy="raise")
    skills: Mapped[list[AgentSkill]] = relationship(lazy="raise")


class AgentSkill(Base):
    __tablename__ = "agent_skill"
    __table_args__ = (UniqueConstraint("user_id", "skill"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("agent.user_id", ondelete="CASCADE"))
    skill: Mapped[str] = mapped_column(String(40))
    level: Mapped[int] = mapped_column(default=5)


class BreakReason(Base):
    """Why an agent takes a break. An empty table means `words.FIRST_REASONS`; see `queries.break_reasons`."""

    __tablename__ = "break_reason"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(20))
    name_en: Mapped[str] = mapped_column(String(30))
    minutes: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class WorkforceVersion(Base):
    """One save. `number` counts from 1 for each (`kind`, `subject`); of two who saved at once the second is refused."""

    __tablename__ = "workforce_version"
    __table_args__ = (UniqueConstraint("kind", "subject", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    actor: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(index=True)
