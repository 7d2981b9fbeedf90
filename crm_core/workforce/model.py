"""Queues, and the agents with their skills: what the engine and Asterisk's files are made from."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.access.model import User
from crm_core.db import Base


class QueueRow(Base):
    """A queue; times in seconds, the service target in percent. `short_abandon_seconds` 0 = off."""

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


class AgentRow(Base):
    """A user who takes calls. The phone's extension is the user's number.

    `phone_contact` "" = the phone in the browser; else the fixed SIP address of a desk phone,
    e.g. sip:1001@127.0.0.3:5390, which may call and be called without registering.
    """

    __tablename__ = "agent"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    team: Mapped[str] = mapped_column(String(40), default="")
    phone_contact: Mapped[str] = mapped_column(String(80), default="")

    user: Mapped[User] = relationship(lazy="raise")
    skills: Mapped[list[AgentSkill]] = relationship(lazy="raise")


class AgentSkill(Base):
    __tablename__ = "agent_skill"
    __table_args__ = (UniqueConstraint("user_id", "skill"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("agent.user_id", ondelete="CASCADE"))
    skill: Mapped[str] = mapped_column(String(40))
    level: Mapped[int] = mapped_column(default=5)
