"""A customer (person or company) and the numbers by which a caller is recognised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.db import Base
from crm_core.dealers.model import Dealer


class Customer(Base):
    """`customer_class`: standard, vip or key_account, with `class_reason` in words for the agent."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="person")  # person | company
    name: Mapped[str] = mapped_column(String(80), index=True)
    name_pinyin: Mapped[str] = mapped_column(String(200), default="", index=True)
    salutation: Mapped[str] = mapped_column(String(10), default="")  # 先生 | 女士
    birth_year: Mapped[int | None]
    customer_class: Mapped[str] = mapped_column(String(16), default="standard")
    class_reason: Mapped[str] = mapped_column(String(120), default="")
    life_cycle_stage: Mapped[str] = mapped_column(String(16), default="")
    language: Mapped[str] = mapped_column(String(8), default="")  # "" = not chosen yet | zh-CN | en
    preference: Mapped[str] = mapped_column(String(120), default="")
    city: Mapped[str] = mapped_column(String(40), default="")
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"), index=True)
    sales_consultant: Mapped[str] = mapped_column(String(40), default="")
    service_adviser: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]

    dealer: Mapped[Dealer | None] = relationship(lazy="raise")
    phones: Mapped[list[CustomerPhone]] = relationship(lazy="raise", order_by="CustomerPhone.position")


class CustomerPhone(Base):
    """One number of one customer; the same number may belong to several customers (a family, a company)."""

    __tablename__ = "customer_phone"
    __table_args__ = (UniqueConstraint("customer_id", "e164"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    e164: Mapped[str] = mapped_column(String(16), index=True)
    label: Mapped[str] = mapped_column(String(16), default="mobile")
    position: Mapped[int] = mapped_column(default=0)


class BlockedNumber(Base):
    """A number whose calls end at once (nuisance); reversible, with the reason and who did it."""

    __tablename__ = "blocked_number"

    e164: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(120), default="")
    blocked_by: Mapped[str] = mapped_column(String(40), default="")
    blocked_at: Mapped[datetime]
