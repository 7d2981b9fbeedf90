"""A lead: who may buy what and when, which dealer has it, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Lead(Base):
    """`number`: e.g. XS-0713-0012. `horizon`: hot, mid or long, by the time of purchase (N8).

    `status`: new, verified, sent (with the dealer, no answer yet), following, won, lost, nurture or invalid.
    `feedback_due_at` is when the dealer's next word is due (N16: 7 days after it was sent).
    """

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_dealer", "dealer_id", "status", "feedback_due_at"),
        Index("ix_lead_status", "status", "next_step_on"),
        Index("ix_lead_created", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(12))  # hotline | web | event | referral | dealer | import
    contact_id: Mapped[str] = mapped_column(String(64), default="")  # the contact in which it was captured
    referred_by_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    model: Mapped[str] = mapped_column(String(60), default="")
    wish: Mapped[str] = mapped_column(String(200), default="")  # in a few words, as the dealer reads it
    budget_wan: Mapped[int | None]
    trade_in: Mapped[str] = mapped_column(String(80), default="")
    test_drive: Mapped[bool] = mapped_column(default=False)
    buy_by: Mapped[date | None]
    horizon: Mapped[str] = mapped_column(String(6), default="")
    status: Mapped[str] = mapped_column(String(10), default="new")
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("dealer_staff.id"))  # who follows it up
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(16), default="")
    verified_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    feedback_due_at: Mapped[datetime | None]
    feedback_at: Mapped[datetime | None]
    next_step_on: Mapped[date | None]  # the next follow-up, or the next nurture call
    times_sent: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    lost_reason: Mapped[str] = mapped_column(String(24), default="")
    lost_to: Mapped[str] = mapped_column(String(60), default="")  # a competitor's model
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))  # bought
    touchpoint: Mapped[str] = mapped_column(String(40), default="")  # a code of Touchpoint, e.g. "autumn_show"
    reminders: Mapped[int] = mapped_column(default=0)  # how often the dealer was reminded since it was sent
    dealers_before: Mapped[list[int]] = mapped_column(JSON, default=list)  # who had it and did not work it


class LeadTurn(Base):
    """One dealer's time with a lead: what the figures of dealers count, also when another one has it by now.

    `due_at` is when the first word was due (N16) and stays; `first_word_at` is the first word, the purchase or the loss
    that this dealer told. `ended_at` is when the lead left the dealer or was closed.
    """

    __tablename__ = "lead_turn"
    __table_args__ = (Index("ix_lead_turn_lead", "lead_id"), Index("ix_lead_turn_due", "due_at", "dealer_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id"))
    sent_at: Mapped[datetime]
    due_at: Mapped[datetime]
    first_word_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class LeadEvent(Base):
    """What happened to a lead, never changed."""

    __tablename__ = "lead_event"
    __table_args__ = (Index("ix_lead_event", "lead_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Touchpoint(Base):
    """A place where customers meet us (B-106). `kind`: number, web, event, dealer, email, wechat, sms, post or other.

    `address` is what is dialled, opened or visited; for kind "number" it is the `Contact.entry` of its calls.
    """

    __tablename__ = "touchpoint"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(120), default="")
    owner: Mapped[str] = mapped_column(String(40), default="")  # the department that answers for it
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
