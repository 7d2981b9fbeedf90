"""The vehicles that a customer has something to do with, for a form that asks which one it is about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.vehicles.model import Vehicle, VehicleRole

MOST = 200  # a fleet's car is found by its plate instead


async def vehicles_of(session: AsyncSession, customer_id: int) -> list[Vehicle]:
    """Bought, used or driven by this customer, the newest first."""
    mine = select(VehicleRole.vehicle_id).where(VehicleRole.customer_id == customer_id)
    rows = select(Vehicle).where(Vehicle.id.in_(mine)).order_by(Vehicle.id.desc()).limit(MOST)
    return list(await session.scalars(rows))
