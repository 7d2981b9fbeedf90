"""A customer (person or company) and the numbers by which a caller is recognised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Computed, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.db import Base
from crm_core.dealers.model import Dealer


class Customer(Base):
    """`customer_class`: standard, vip or key_account, with `class_reason` in words for the agent.

    A customer with `merged_into_id` is a tombstone: its rows moved to the other one (customers.merging), and no
    list, search or match gives it. `value_yuan`, `rfm`, `churn_risk`, `life_cycle_stage` are kept by segments.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_class", "customer_class", "last_contact_at"),
        Index("ix_customer_birthday", "birthday", "merged_into_id", "dealer_id", "customer_class"),
        Index("ix_customer_stage", "life_cycle_stage", "last_contact_at"),
        Index("ix_customer_of_dealer", "dealer_id", "last_contact_at"),
        # The operators of prefixes need their own order in PostgreSQL; both orders serve "=".
        Index("ix_customer_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index(
            "ix_customer_name_pinyin", "name_pinyin", "birth_year", postgresql_ops={"name_pinyin": "text_pattern_ops"}
        ),
        Index("ix_customer_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    )

    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  as of CustomerPhone

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="person")  # person | company
    name: Mapped[str] = mapped_column(String(80))
    name_pinyin: Mapped[str] = mapped_column(String(200), default="")  # "chenjianguo cjg", see customers.spelling
    initials: Mapped[str | None] = mapped_column(
        String(50),
        Computed("substr(ltrim(name_pinyin, 'abcdefghijklmnopqrstuvwxyz'), 2)", persisted=True),
        deferred=True,
    )
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
    updated_at: Mapped[datetime | None]
    gender: Mapped[str] = mapped_column(String(8), default="")  # "" | male | female
    brand: Mapped[str] = mapped_column(String(20), default="")  # "" = every brand
    source: Mapped[str] = mapped_column(String(20), default="")  # hotline | web | event | dealer | import
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    last_contact_at: Mapped[datetime | None] = mapped_column(index=True)
    value_yuan: Mapped[int] = mapped_column(default=0)  # bought and paid for service, in all
    rfm: Mapped[str] = mapped_column(String(3), default="")  # three digits 1 to 5: recency, frequency, value
    stage_reason: Mapped[str] = mapped_column(String(120), default="")
    churn_risk: Mapped[str] = mapped_column(String(8), default="")  # "" | low | medium | high
    churn_reason: Mapped[str] = mapped_column(String(120), default="")
    referrals: Mapped[int] = mapped_column(default=0)
    birthday: Mapped[str] = mapped_column(String(5), default="")  # "MM-DD"; "" = not known

    dealer: Mapped[Dealer | None] = relationship(lazy="raise")
    phones: Mapped[list[CustomerPhone]] = relationship(lazy="raise", order_by="CustomerPhone.position")


class CustomerPhone(Base):
    """One number of one customer; the same number may belong to several customers (a family, a company)."""

    __tablename__ = "customer_phone"
    __table_args__ = (
        UniqueConstraint("customer_id", "e164"),
        Index("ix_customer_phone_e164", "e164", postgresql_ops={"e164": "text_pattern_ops"}),
    )

    # Nobody asks for a computed column at once, and asking makes each row of many a statement of its own.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  SQLAlchemy's own form

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    e164: Mapped[str] = mapped_column(String(16))
    last_four: Mapped[str | None] = mapped_column(
        String(4), Computed("substr(e164, length(e164) - 3)", persisted=True), index=True, deferred=True
    )
    label: Mapped[str] = mapped_column(String(16), default="mobile")
    position: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(80), default="")  # e.g. who else answers there
    verified_at: Mapped[datetime | None]


class CustomerAddress(Base):
    """Where post goes, and where the customer is; the first is the usual one."""

    __tablename__ = "customer_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(16), default="home")  # home | work | post | invoice
    province: Mapped[str] = mapped_column(String(40), default="")
    city: Mapped[str] = mapped_column(String(40), default="")
    street: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(12), default="")
    position: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]


class CustomerHandle(Base):
    """How to reach a customer in writing. `kind`: email or wechat; e-mail addresses are kept in lower case."""

    __tablename__ = "customer_handle"
    __table_args__ = (UniqueConstraint("customer_id", "kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(120), index=True)
    position: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]


class CustomerRelation(Base):
    """A person beside the customer: spouse, driver, fleet manager; `other_id` when they are a customer themselves."""

    __tablename__ = "customer_relation"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80), default="")
    e164: Mapped[str] = mapped_column(String(16), default="", index=True)
    note: Mapped[str] = mapped_column(String(120), default="")


class CustomerProfile(Base):
    """What is asked once and seldom changes (B-88 of a person, B-89 of a company, B-90). "" and None = not known."""

    __tablename__ = "customer_profile"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    income: Mapped[str] = mapped_column(String(16), default="")  # a band of customers.profile
    occupation: Mapped[str] = mapped_column(String(40), default="")
    education: Mapped[str] = mapped_column(String(16), default="")
    marital_status: Mapped[str] = mapped_column(String(16), default="")
    household_size: Mapped[int | None]
    dwelling: Mapped[str] = mapped_column(String(16), default="")
    employees: Mapped[int | None]
    annual_sales_wan: Mapped[int | None]
    average_order_wan: Mapped[int | None]
    annual_purchases_wan: Mapped[int | None]
    value_added_wan: Mapped[int | None]
    interests: Mapped[str] = mapped_column(Text, default="")
    competitors: Mapped[str] = mapped_column(Text, default="")  # what else they drive or look at (B-108)


class CustomerChange(Base):
    """One saved edit of a part of a customer's data, and how to undo it. `part`: a word of customers.parts.Part.

    `before` and `after` are the part's state as plain JSON; `undone_by_id` is the change that took it back.
    """

    __tablename__ = "customer_change"
    __table_args__ = (Index("ix_customer_change", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    part: Mapped[str] = mapped_column(String(12))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    actor: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("customer_change.id", ondelete="SET NULL"))


class BlockedNumber(Base):
    """A number whose calls end at once (nuisance); reversible, with the reason and who did it."""

    __tablename__ = "blocked_number"

    e164: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(120), default="")
    blocked_by: Mapped[str] = mapped_column(String(40), default="")
    blocked_at: Mapped[datetime]
