"""News for the dealers with their receipts, orders of material and parts, workshop bookings, corrected figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class FiguresChange(Base):
    """What a correction of a day's figures changed, never changed itself."""

    __tablename__ = "daily_figures_change"
    __table_args__ = (Index("ix_daily_figures_change", "dealer_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    day: Mapped[date]
    visitors_before: Mapped[int]
    enquiries_before: Mapped[int]
    visitors: Mapped[int]
    enquiries: Mapped[int]
    reason: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(16))


class NetworkNews(Base):
    """`kind`: news, policy, campaign, advert or training. `regions` [] = every dealer. Files: subject "news/<id>".

    A draft has no `published_at`; a `must_read` one waits for the confirmation of each person who may sign in.
    """

    __tablename__ = "network_news"
    __table_args__ = (Index("ix_network_news_published", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text, default="")  # Markdown
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)
    must_read: Mapped[bool] = mapped_column(default=False)
    valid_until: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(16))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class NewsRead(Base):
    """Who opened a piece of news when, and confirmed to have read it."""

    __tablename__ = "news_read"

    news_id: Mapped[int] = mapped_column(ForeignKey("network_news.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    opened_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class SupplyItem(Base):
    """What dealers may order. `kind`: material (brochures, gifts) or parts."""

    __tablename__ = "supply_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(10), default="")
    most: Mapped[int] = mapped_column(default=0)  # per order; 0 = no limit
    active: Mapped[bool] = mapped_column(default=True)


class SupplyOrder(Base):
    """`status`: requested, confirmed, shipped, received, refused or cancelled: see dealers.supply_flow."""

    __tablename__ = "supply_order"
    __table_args__ = (Index("ix_supply_order_dealer", "dealer_id", "status", "requested_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(10), default="requested")
    wanted_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(String(16))
    status_at: Mapped[datetime]


class SupplyLine(Base):
    """One item of an order; `confirmed` None = not answered yet, `received` None = not arrived yet."""

    __tablename__ = "supply_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("supply_order.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"))
    wanted: Mapped[int]
    confirmed: Mapped[int | None]
    received: Mapped[int | None]


class SupplyEvent(Base):
    """A step of an order, never changed. `text`: the reason, the consignment number, what was missing."""

    __tablename__ = "supply_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("supply_order.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(200), default="")


class WorkshopBooking(Base):
    """A slot in a workshop. `status`: booked, arrived, done, cancelled or missed. `source`: hotline or dealer.

    `technician_id` None = not given to anybody yet; the slot counts all the same.
    """

    __tablename__ = "workshop_booking"
    __table_args__ = (
        Index("ix_workshop_booking_dealer", "dealer_id", "begins_at"),
        Index("ix_workshop_booking_customer", "customer_id", "begins_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("dealer_staff.id", ondelete="SET NULL"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    work: Mapped[str] = mapped_column(String(12))  # a kind of vehicles.model.WorkshopVisit
    wish: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(10), default="booked")
    source: Mapped[str] = mapped_column(String(8), default="dealer")
    booked_at: Mapped[datetime]
    booked_by: Mapped[str] = mapped_column(String(16))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_visit.id", ondelete="SET NULL"))


class StationChange(Base):
    """What a save of a station's data changed: the state before and after, by whom."""

    __tablename__ = "station_change"
    __table_args__ = (UniqueConstraint("dealer_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dealer_id: Mapped[int] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    number: Mapped[int]
    before: Mapped[dict[str, object]] = mapped_column(JSON)
    after: Mapped[dict[str, object]] = mapped_column(JSON)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(16))


class NetworkRules(Base):
    """One row: what the centre set for all dealers, as in dealers.care_rules.Rules; `number` counts the saves."""

    __tablename__ = "network_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    rules: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(16))
