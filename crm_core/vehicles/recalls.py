"""Recalls that vehicles are part of, and when the next service of a vehicle is due by distance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base
from crm_core.vehicles.model import Vehicle, WorkshopVisit

SERVICE_KM = {"electric": 20_000}
OTHER_SERVICE_KM = 10_000  # the maker's schedule for petrol and hybrid cars


class VehicleRecall(Base):
    """A vehicle that is part of a recall. `done_on` None = still to be done, free and without a time limit."""

    __tablename__ = "vehicle_recall"
    __table_args__ = (UniqueConstraint("vehicle_id", "code"), Index("ix_vehicle_recall_code", "code", "done_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120), default="")
    announced_on: Mapped[date | None]
    done_on: Mapped[date | None]


async def open_recalls(session: AsyncSession, vehicles: Iterable[int]) -> list[VehicleRecall]:
    """Those that are still to be done, the oldest first."""
    wanted = select(VehicleRecall).where(VehicleRecall.vehicle_id.in_(list(vehicles)), VehicleRecall.done_on.is_(None))
    return list(await session.scalars(wanted.order_by(VehicleRecall.announced_on, VehicleRecall.id).limit(50)))


async def next_service_km(session: AsyncSession, vehicle: Vehicle) -> int:
    """The mileage at which the next service is due: an interval after the last one, or the first interval."""
    last = await session.scalar(
        select(func.max(WorkshopVisit.mileage_km)).where(
            WorkshopVisit.vehicle_id == vehicle.id, WorkshopVisit.kind == "maintenance"
        )
    )
    return (last or 0) + SERVICE_KM.get(vehicle.energy, OTHER_SERVICE_KM)
