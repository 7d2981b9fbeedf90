"""A vehicle by VIN or plate, and everything about it but its timeline, which customers.timeline tells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.vehicles.model import Delivery, Vehicle, VehicleOrder, VehicleRole, WorkshopVisit

_VIN_END, _PLATE_LEAST, _FOUND = 6, 5, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A customer with every role to the vehicle."""

    customer: Customer
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MileagePoint:
    at: date
    km: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleView:
    """`order` and `delivery` are the latest; `mileage` rises with time, readings that fall behind are left out."""

    vehicle: Vehicle
    dealer: Dealer | None
    order: VehicleOrder | None
    delivery: Delivery | None
    holders: tuple[Holder, ...]
    mileage: tuple[MileagePoint, ...]
    in_workshop_since: datetime | None


async def vehicle_view(
    session: AsyncSession, vin: str, *, now: datetime, reach: Reach = EVERYTHING
) -> VehicleView | None:
    """None = no such VIN. Raises NotFound beyond the reach: neither of these dealers nor of a customer of theirs."""
    row = (
        await session.execute(
            select(Vehicle, Dealer)
            .outerjoin(Dealer, Dealer.id == Vehicle.dealer_id)
            .where(Vehicle.vin == storable(vin, 17).upper())
        )
    ).one_or_none()
    if row is None:
        return None
    vehicle, dealer = row
    holders = await _holders(session, vehicle.id)
    if not any(reach.covers(holder.customer.dealer_id) for holder in holders):
        reach.require(vehicle.dealer_id)
    orders = select(VehicleOrder).where(VehicleOrder.vehicle_id == vehicle.id)
    deliveries = select(Delivery).where(Delivery.vehicle_id == vehicle.id)
    visits = await _visits(session, vehicle.id)
    return VehicleView(
        vehicle=vehicle,
        dealer=dealer,
        order=await session.scalar(orders.order_by(VehicleOrder.ordered_at.desc()).limit(1)),
        delivery=await session.scalar(deliveries.order_by(Delivery.delivered_on.desc()).limit(1)),
        holders=holders,
        mileage=_mileage(vehicle, visits, now.date()),
        in_workshop_since=next((came for came, left, _ in reversed(visits) if left is None), None),
    )


async def find_vehicles(session: AsyncSession, text: str, *, reach: Reach = EVERYTHING) -> list[Vehicle]:
    """By VIN, the end of a VIN from six signs on, or the beginning of a plate from five; fewer find nothing."""
    typed = re.sub(r"[\s·.\-]", "", unicodedata.normalize("NFKC", storable(text, 40))).upper()
    if len(typed) < _PLATE_LEAST:
        return []
    fits = [Vehicle.plate.startswith(typed, autoescape=True)]
    if len(typed) == 17:
        fits = [Vehicle.vin == typed]
    elif len(typed) >= _VIN_END and typed.isascii():
        fits.append(Vehicle.vin.endswith(typed, autoescape=True))
    found: dict[int, Vehicle] = {}
    for fit in fits:
        wanted = select(Vehicle).where(fit, reach.condition(Vehicle.dealer_id)).order_by(Vehicle.plate, Vehicle.id)
        found |= {vehicle.id: vehicle for vehicle in await session.scalars(wanted.limit(_FOUND))}
    return list(found.values())[:_FOUND]


async def _holders(session: AsyncSession, vehicle_id: int) -> tuple[Holder, ...]:
    rows = await session.execute(
        select(Customer, VehicleRole.role)
        .join(VehicleRole, VehicleRole.customer_id == Customer.id)
        .where(VehicleRole.vehicle_id == vehicle_id)
        .order_by(VehicleRole.role, VehicleRole.id)
    )
    found: dict[Customer, list[str]] = {}
    for customer, role in rows:
        found.setdefault(customer, []).append(role)
    return tuple(Holder(customer=customer, roles=tuple(roles)) for customer, roles in found.items())


async def _visits(session: AsyncSession, vehicle_id: int) -> list[tuple[datetime, datetime | None, int]]:
    """When it came and left and what the mileage was, the last 400 in order of time."""
    rows = await session.execute(
        select(WorkshopVisit.came_at, WorkshopVisit.left_at, WorkshopVisit.mileage_km)
        .where(WorkshopVisit.vehicle_id == vehicle_id)
        .order_by(WorkshopVisit.came_at.desc())
        .limit(400)
    )
    return [(came, left, km) for came, left, km in rows][::-1]


def _mileage(
    vehicle: Vehicle, visits: list[tuple[datetime, datetime | None, int]], today: date
) -> tuple[MileagePoint, ...]:
    points = [MileagePoint(at=vehicle.sold_on, km=0)] if vehicle.sold_on else []
    for came, _, km in visits:
        if km and km >= (points[-1].km if points else 0):
            points.append(MileagePoint(at=came.date(), km=km))
    if vehicle.mileage_km and points and vehicle.mileage_km > points[-1].km:
        points.append(MileagePoint(at=today, km=vehicle.mileage_km))
    return tuple(points)
