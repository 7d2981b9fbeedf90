"""A vehicle by VIN and plate, and the roles that customers have to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Computed, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.customers.model import Customer
from crm_core.db import Base


class Vehicle(Base):
    """`state`: ordered, produced, warehouse, transport, in_sale, sold or scrapped. `use`: own, partner or company."""

    __tablename__ = "vehicle"
    __table_args__ = (
        Index("ix_vehicle_plate", "plate", postgresql_ops={"plate": "text_pattern_ops"}),
        Index("ix_vehicle_vin_end", "vin_end", postgresql_ops={"vin_end": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vin: Mapped[str] = mapped_column(String(17), unique=True)
    vin_end: Mapped[str | None] = mapped_column(
        String(8), Computed("substr(vin, 10)", persisted=True), deferred=True
    )  # what people say
    vin_tail: Mapped[str | None] = mapped_column(
        String(6), Computed("substr(vin, 12)", persisted=True), index=True, deferred=True
    )
    plate: Mapped[str] = mapped_column(String(10), default="")  # "吉AD30618", without the dot
    model: Mapped[str] = mapped_column(String(60))
    energy: Mapped[str] = mapped_column(String(10), default="petrol")  # petrol | hybrid | electric
    sold_on: Mapped[date | None]
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    mileage_km: Mapped[int] = mapped_column(default=0)
    warranty_until: Mapped[date | None]
    next_service_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12), default="sold")
    use: Mapped[str] = mapped_column(String(10), default="")
    brand: Mapped[str] = mapped_column(String(20), default="")
    colour: Mapped[str] = mapped_column(String(20), default="")
    production_number: Mapped[str] = mapped_column(String(30), default="", index=True)
    made_on: Mapped[date | None]

    roles: Mapped[list[VehicleRole]] = relationship(lazy="raise", back_populates="vehicle")


class VehicleRole(Base):
    """`role`: buyer, user or driver; buyer and user are kept apart."""

    __tablename__ = "vehicle_role"
    __table_args__ = (UniqueConstraint("vehicle_id", "customer_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10), default="buyer")

    vehicle: Mapped[Vehicle] = relationship(lazy="raise", back_populates="roles")
    customer: Mapped[Customer] = relationship(lazy="raise")


class VehicleOrder(Base):
    """`kind`: intent (意向订单, nothing is built yet) or order. `status`: open, in_production, warehouse, transport,
    in_sale, delivered or cancelled."""

    __tablename__ = "vehicle_order"
    __table_args__ = (Index("ix_vehicle_order_vehicle", "vehicle_id", "ordered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10), default="order")
    production_number: Mapped[str] = mapped_column(String(30), default="", index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"), index=True)
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    contact_id: Mapped[str] = mapped_column(String(64), default="")  # the contact in which it was taken
    model: Mapped[str] = mapped_column(String(60))
    equipment: Mapped[list[str]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(16), default="open")
    status_at: Mapped[datetime]
    ordered_at: Mapped[datetime]
    promised_on: Mapped[date | None]


class Delivery(Base):
    """The handing-over of a new vehicle; what was said at signing is checked there, then verified by a call (B-94)."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("vehicle_id", "delivered_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"), index=True)
    delivered_on: Mapped[date]
    consultant: Mapped[str] = mapped_column(String(40), default="")
    use: Mapped[str] = mapped_column(String(10), default="")  # own | partner | company
    price_yuan: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]


class WorkshopVisit(Base):
    """One stay in a workshop. `kind`: maintenance, repair, warranty, accident, recall or inspection.

    `parts` is a list of {code, name, count}.
    """

    __tablename__ = "workshop_visit"
    __table_args__ = (
        Index("ix_workshop_vehicle", "vehicle_id", "came_at"),
        Index("ix_workshop_customer", "customer_id", "came_at"),
        Index("ix_workshop_dealer", "dealer_id", "came_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)  # e.g. "W-88213"
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    adviser: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(12))
    came_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    mileage_km: Mapped[int] = mapped_column(default=0)
    complaint: Mapped[str] = mapped_column(Text, default="")
    work_done: Mapped[str] = mapped_column(Text, default="")
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    cost_yuan: Mapped[int] = mapped_column(default=0)


class WarrantyClaim(Base):
    """`status`: filed, accepted, refused or paid."""

    __tablename__ = "warranty_claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_visit.id", ondelete="SET NULL"), index=True)
    part_code: Mapped[str] = mapped_column(String(40), default="", index=True)
    part_name: Mapped[str] = mapped_column(String(60), default="")
    fault: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(10), default="filed")
    amount_yuan: Mapped[int] = mapped_column(default=0)
    filed_on: Mapped[date]


class TradeIn(Base):
    """A used car given in part payment (置换)."""

    __tablename__ = "trade_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"), index=True)
    old_vehicle: Mapped[str] = mapped_column(String(80))
    plate: Mapped[str] = mapped_column(String(10), default="")
    mileage_km: Mapped[int] = mapped_column(default=0)
    offered_yuan: Mapped[int] = mapped_column(default=0)
    new_vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    traded_on: Mapped[date]
