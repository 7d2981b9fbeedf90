"""A vehicle by VIN and plate, and the roles that customers have to it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.customers.model import Customer
from crm_core.db import Base


class Vehicle(Base):
    __tablename__ = "vehicle"

    id: Mapped[int] = mapped_column(primary_key=True)
    vin: Mapped[str] = mapped_column(String(17), unique=True)
    plate: Mapped[str] = mapped_column(String(10), default="", index=True)  # "吉AD30618", without the dot
    model: Mapped[str] = mapped_column(String(60))
    energy: Mapped[str] = mapped_column(String(10), default="petrol")  # petrol | hybrid | electric
    sold_on: Mapped[date | None]
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    mileage_km: Mapped[int] = mapped_column(default=0)
    warranty_until: Mapped[date | None]
    next_service_on: Mapped[date | None]

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
