"""Consent per purpose and channel with its proof, do-not-contact, and what was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Consent(Base):
    """One answer of a customer, never changed: the latest for a purpose and channel holds. `given` False = refused.

    The proof is the contact in which it was said, and the words; for a form, where it is.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent", "customer_id", "purpose", "channel", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16))  # consent.purposes.Purpose
    channel: Mapped[str] = mapped_column(String(10))  # consent.purposes.Channel
    given: Mapped[bool]
    at: Mapped[datetime]
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    words: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(16), default="")


class DoNotContact(Base):
    """Nobody contacts this number on our own account any more, whoever it belongs to. Reversible, with the reason."""

    __tablename__ = "do_not_contact"

    e164: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(120), default="")
    by: Mapped[str] = mapped_column(String(16), default="")
    at: Mapped[datetime]


class Touch(Base):
    """One attempt of ours to reach a customer, by any department: what the limit per period counts."""

    __tablename__ = "touch"
    __table_args__ = (Index("ix_touch", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(16), default="")  # a person, or the campaign
    subject: Mapped[str] = mapped_column(String(40), default="")  # e.g. "care_task/12"
