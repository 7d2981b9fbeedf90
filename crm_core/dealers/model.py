"""Dealers and their service stations, their people, what they report and what they have to do."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Dealer(Base):
    """`opens` and `closes` hold for a day that `week` does not name; `week` is as in workforce.hours_model, [] = none.

    `services` are words of dealers.services: sales, workshop, rescue, body, charging, parts.
    """

    __tablename__ = "dealer"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(20))
    latitude: Mapped[float]
    longitude: Mapped[float]
    opens: Mapped[str] = mapped_column(String(5), default="08:30")
    closes: Mapped[str] = mapped_column(String(5), default="18:00")
    relations_manager: Mapped[str] = mapped_column(String(40), default="")
    region: Mapped[str] = mapped_column(String(20), default="", index=True)  # of the maker's sales organisation
    services: Mapped[list[str]] = mapped_column(JSON, default=list)
    week: Mapped[list[list[list[int]]]] = mapped_column(JSON, default=list)
    rescue_phone: Mapped[str] = mapped_column(String(20), default="")
    closed_days: Mapped[list[str]] = mapped_column(JSON, default=list)  # ISO dates
    station_at: Mapped[datetime | None]  # when these data were last confirmed
    active: Mapped[bool] = mapped_column(default=True)


class DealerStaff(Base):
    """A person at a dealer. `role`: manager, relations_manager, sales_consultant, service_adviser, technician.

    `user_id` when the person can sign in. `skills` are words of case kinds and sub-kinds, for suggestions.
    """

    __tablename__ = "dealer_staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20), default="")
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


class DailyFigures(Base):
    """Showroom visitors and telephone enquiries of a dealer on one day (N18)."""

    __tablename__ = "daily_figures"
    __table_args__ = (UniqueConstraint("dealer_id", "day"), Index("ix_daily_figures_day", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    day: Mapped[date]
    visitors: Mapped[int]
    enquiries: Mapped[int]
    reported_at: Mapped[datetime]
    reported_by: Mapped[str] = mapped_column(String(16))


class CareTask(Base):
    """A planned contact of a dealer or the centre with a customer.

    `kind`: the id of the rule of care.rulebook that wanted it, or three_months, event or handed (by a campaign:
    `entry_id`). `status`: open, done, skipped (with `reason`), stopped (by the rules of contact) or withdrawn (its
    cause is gone; open again when it comes back). `purpose` is one of consent.purposes. `staff_id` None = nobody named
    yet; `dealer_id` None = the centre itself. `planned_on` is the day that the rule wanted; None = a person planned it.
    `fixed`: a person chose `due_on`, so no rule moves it.
    """

    __tablename__ = "care_task"
    __table_args__ = (
        Index("ix_care_task_dealer", "dealer_id", "status", "due_on"),
        Index("ix_care_task_customer", "customer_id", "status", "due_on"),
        Index("ix_care_task_day", "due_on", "kind", "status", "dealer_id"),
        UniqueConstraint("kind", "subject", name="uq_care_task_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(40))  # what caused it, e.g. "delivery/17": one task for each cause
    purpose: Mapped[str] = mapped_column(String(16))
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("dealer_staff.id"))
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="open")
    reason: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(16), default="")
    channel: Mapped[str] = mapped_column(String(8), default="phone")
    planned_on: Mapped[date | None]
    fixed: Mapped[bool] = mapped_column(default=False)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_entry.id", ondelete="SET NULL"), index=True)
