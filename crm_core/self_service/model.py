"""What callers did in the menu, their tries to prove who they are, their PINs, and links by which they tell a place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class SelfServiceAct(Base):
    """One operation of `ivr.operations` in one call. What changes something is there once per call and `key`.

    `result` "" = it is being done in another transaction; `facts` are those the caller heard.
    """

    __tablename__ = "self_service_act"
    __table_args__ = (
        UniqueConstraint("call", "operation", "key"),
        Index("ix_self_service_act_customer", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(String(64))
    operation: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(32))
    e164: Mapped[str] = mapped_column(String(16), default="")
    result: Mapped[str] = mapped_column(String(16), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class IdentityTry(Base):
    """A place among the wrong proofs that a number may give on a day; who is right gives it back.

    `number` is E.164, or the call of a caller who hides the number. The key is the limit: there is no row beyond it.
    """

    __tablename__ = "identity_try"

    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


class CallerPin(Base):
    """Six digits by which a customer proves who calls; only the hash is kept."""

    __tablename__ = "caller_pin"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(16))


class PositionLink(Base):
    """A page with a random code on which a caller tells where they are. Positions in degrees; None = not told yet."""

    __tablename__ = "position_link"
    __table_args__ = (Index("ix_position_link_number", "e164", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    call: Mapped[str] = mapped_column(String(64), index=True)
    e164: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8), default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy_m: Mapped[int | None]
    shares: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(String(120), default="")


class SurveyAnswer(Base):
    """What a caller answered after the call; the last answer to a question holds."""

    __tablename__ = "survey_answer"

    contact_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    score: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
