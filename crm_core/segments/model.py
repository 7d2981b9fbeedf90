"""What is known of every customer's worth in one narrow row, the rules behind it, and the saved segments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class CustomerWorth(Base):
    """One row for each living customer: everything that segments ask, so that a count is one scan of narrow rows.

    Written only by segments.recompute from the tables where the facts live. Counts are of the last 365 days;
    ranks are the percent of all customers who are worse, 0 to 99, see segments.ranks.
    """

    __tablename__ = "customer_worth"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    # who they are
    kind: Mapped[str] = mapped_column(String(10))
    gender: Mapped[str] = mapped_column(String(8), default="")
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    city: Mapped[str] = mapped_column(String(40), default="")
    dealer_id: Mapped[int | None] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(20), default="")
    known_since: Mapped[date]
    # what they do
    recency_on: Mapped[date | None]
    recency_by: Mapped[str] = mapped_column(String(8), default="")  # purchase | visit | contact
    contacts: Mapped[int] = mapped_column(default=0)
    visits: Mapped[int] = mapped_column(default=0)
    last_contact_on: Mapped[date | None]
    last_visit_on: Mapped[date | None]
    last_purchase_on: Mapped[date | None]
    open_complaints: Mapped[int] = mapped_column(SmallInteger, default=0)
    worst_rating: Mapped[int | None] = mapped_column(SmallInteger)
    refused: Mapped[bool] = mapped_column(default=False)
    competitor: Mapped[bool] = mapped_column(default=False)
    horizon: Mapped[str] = mapped_column(String(6), default="")  # of the open lead
    # what they are worth
    vehicles: Mapped[int] = mapped_column(default=0)  # bought, ever
    vehicles_3y: Mapped[int] = mapped_column(default=0)
    vehicles_any_3y: Mapped[int] = mapped_column(default=0)
    cars: Mapped[int] = mapped_column(default=0)  # owned or used now
    value_yuan: Mapped[int] = mapped_column(default=0)
    service_yuan: Mapped[int] = mapped_column(default=0)
    referrals: Mapped[int] = mapped_column(default=0)
    expected_yuan: Mapped[int] = mapped_column(default=0)  # a year
    # what comes
    service_due_on: Mapped[date | None]
    warranty_until: Mapped[date | None]
    replacement_on: Mapped[date | None]
    next_need: Mapped[str] = mapped_column(String(12), default="")
    next_need_on: Mapped[date | None]
    # what follows from it
    customer_class: Mapped[str] = mapped_column(String(16), default="standard")
    manual: Mapped[bool] = mapped_column(default=False)
    life_cycle_stage: Mapped[str] = mapped_column(String(16), default="")
    stage_since: Mapped[date | None]
    churn_risk: Mapped[str] = mapped_column(String(8), default="")
    churn_score: Mapped[int] = mapped_column(SmallInteger, default=0)
    dormant: Mapped[bool] = mapped_column(default=False)
    recency_rank: Mapped[int] = mapped_column(SmallInteger, default=0)
    frequency_rank: Mapped[int] = mapped_column(SmallInteger, default=0)
    value_rank: Mapped[int] = mapped_column(SmallInteger, default=0)
    computed_at: Mapped[datetime]


class WorthReason(Base):
    """Why: lists of {code, values} as segments.reasons writes them; apart, so that CustomerWorth stays narrow."""

    __tablename__ = "worth_reason"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    class_reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    stage_reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    churn_reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ManualClass(Base):
    """A class given by a person; it beats the rules until the end of the day `until`."""

    __tablename__ = "manual_class"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    customer_class: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(80))
    until: Mapped[date]
    by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class FleetPurchase(Base):
    """Vehicles bought in one lot that are not on file one by one, e.g. a haulier's orders from the old system."""

    __tablename__ = "fleet_purchase"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    bought_on: Mapped[date]
    vehicles: Mapped[int]
    amount_yuan: Mapped[int] = mapped_column(default=0)
    reference: Mapped[str] = mapped_column(String(40), default="")  # the contract
    by: Mapped[str] = mapped_column(String(16), default="")


class WorthRules(Base):
    """The rules in force: `name` is classes, life_cycle or churn. Absent = segments.rulebook's own."""

    __tablename__ = "worth_rules"

    name: Mapped[str] = mapped_column(String(12), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)


class WorthCuts(Base):
    """Where the percents of all customers lie: 99 values, rising.

    `measure`: recency (as ordinals of dates, 0 = never), frequency or value.
    """

    __tablename__ = "worth_cuts"

    measure: Mapped[str] = mapped_column(String(10), primary_key=True)
    cuts: Mapped[list[int]] = mapped_column(JSON)


class WorthRun(Base):
    """A recomputation of all customers, as far as it has come; `phase`: customers, ranks, segments or done."""

    __tablename__ = "worth_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    phase: Mapped[str] = mapped_column(String(10), default="customers")
    after_id: Mapped[int] = mapped_column(default=0)
    customers: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class WorthCount(Base):
    """How many customers a class, stage or risk had at the end of a day's recomputation."""

    __tablename__ = "worth_count"

    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(String(8), primary_key=True)  # class | stage | churn
    word: Mapped[str] = mapped_column(String(16), primary_key=True)
    customers: Mapped[int]


class WorthPosition(Base):
    """Up to where the changes of other tables were followed."""

    __tablename__ = "worth_position"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_id: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None]


class Segment(Base):
    """A saved filter. `definition` is a tree as segments.conditions describes it; `dimension`: who, behaviour or worth.

    `ready` names one that came with the product ("" = made here): its name is then a catalogue word.
    """

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200), default="")
    dimension: Mapped[str] = mapped_column(String(10))
    ready: Mapped[str] = mapped_column(String(16), default="")
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    by: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]


class SegmentMember(Base):
    """Who was in a segment when it was last counted; who left stays for a week with the day.

    `entered_on` None = was in it from the first count on.
    """

    __tablename__ = "segment_member"
    __table_args__ = (Index("ix_segment_member_day", "segment_id", "left_on", "entered_on"),)

    segment_id: Mapped[int] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    entered_on: Mapped[date | None]
    left_on: Mapped[date | None]


class SegmentCount(Base):
    """A segment on one day, kept for ever: members at the last count, and who came and went that day."""

    __tablename__ = "segment_count"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    members: Mapped[int]
    entered: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
