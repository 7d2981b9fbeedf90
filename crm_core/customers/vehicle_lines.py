"""A customer's vehicles with who buys, uses and drives each, and the marks of their lives."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.customers.view_facts import LifeMark, VehicleLine
from crm_core.db import storable
from crm_core.vehicles.model import Vehicle, VehicleRole, WorkshopVisit

_MARKS, _OTHERS = 400, 6


async def vehicle_count(session: AsyncSession, customer_id: int) -> int:
    """Vehicles to which the customer has any role."""
    distinct = select(func.count(VehicleRole.vehicle_id.distinct())).where(VehicleRole.customer_id == customer_id)
    return await session.scalar(distinct) or 0


async def vehicle_lines(
    session: AsyncSession, customer_id: int, *, text: str = "", offset: int = 0, limit: int = 50
) -> tuple[VehicleLine, ...]:
    """The customer's vehicles, those on order and the newest first; `text` is a part of plate, VIN or model."""
    own = select(VehicleRole.vehicle_id).where(VehicleRole.customer_id == customer_id)
    newest = (Vehicle.sold_on.is_not(None), Vehicle.sold_on.desc(), Vehicle.id)
    wanted = select(Vehicle).where(Vehicle.id.in_(own)).order_by(*newest).offset(offset).limit(limit)
    typed = storable(text, 30).replace("·", "").strip()
    if typed:
        columns = (Vehicle.plate, Vehicle.vin, Vehicle.model)
        wanted = wanted.where(or_(*(column.icontains(typed, autoescape=True) for column in columns)))
    vehicles = list(await session.scalars(wanted))
    roles = await _roles(session, [vehicle.id for vehicle in vehicles])
    marks = await _marks(session, vehicles)
    return tuple(
        VehicleLine(
            vehicle=vehicle,
            roles=tuple(role for who, _, role in roles.get(vehicle.id, ()) if who == customer_id),
            others=tuple(one for one in roles.get(vehicle.id, ()) if one[0] != customer_id)[:_OTHERS],
            marks=marks.get(vehicle.id, ()),
        )
        for vehicle in vehicles
    )


async def _roles(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[tuple[int, str, str]]]:
    rows = await session.execute(
        select(VehicleRole.vehicle_id, Customer.id, Customer.name, VehicleRole.role)
        .join(Customer, Customer.id == VehicleRole.customer_id)
        .where(VehicleRole.vehicle_id.in_(ids))
        .order_by(VehicleRole.role, VehicleRole.id)
    )
    found: dict[int, list[tuple[int, str, str]]] = {}
    for vehicle_id, customer_id, name, role in rows:
        found.setdefault(vehicle_id, []).append((customer_id, name, role))
    return found


async def _marks(session: AsyncSession, vehicles: Sequence[Vehicle]) -> dict[int, tuple[LifeMark, ...]]:
    """Delivery, visits and the next service of each vehicle, in order of time."""
    found: dict[int, list[LifeMark]] = {}
    for vehicle in vehicles:
        if vehicle.sold_on:
            found.setdefault(vehicle.id, []).append(LifeMark(on=vehicle.sold_on, kind="delivery"))
        if vehicle.next_service_on:
            found.setdefault(vehicle.id, []).append(LifeMark(on=vehicle.next_service_on, kind="next_service"))
    rows = await session.execute(
        select(WorkshopVisit.vehicle_id, WorkshopVisit.came_at, WorkshopVisit.left_at)
        .where(WorkshopVisit.vehicle_id.in_([vehicle.id for vehicle in vehicles]))
        .order_by(WorkshopVisit.came_at.desc())
        .limit(_MARKS)
    )
    for vehicle_id, came, left in rows:
        mark = LifeMark(on=came.date(), kind="visit" if left else "open_visit")
        found.setdefault(vehicle_id, []).append(mark)
    return {key: tuple(sorted(marks, key=lambda mark: mark.on)) for key, marks in found.items()}
