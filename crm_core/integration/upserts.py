"""What the ERP and the dealers' systems send: orders, vehicles, deliveries, workshop visits (B-110, B-111, B-240).

Each is named by a number of the sender's; sent again it is the same row, and unchanged data change nothing and tell
nobody. To a dealer's key another dealer's order or visit is answered as one that does not exist (NotFound), and so are
vehicles and customers that are not the dealer's. A workshop visit alone may be of any vehicle: people travel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.care.soon import plan_soon
from crm_core.customers.model import Customer
from crm_core.db import Base, storable
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid
from crm_core.integration.once import StillRunning
from crm_core.integration.outbox import tell
from crm_core.vehicles.model import Delivery, Vehicle, VehicleOrder, VehicleRole, WorkshopVisit

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")  # ISO 3779: without I, O and Q
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")


@dataclass(frozen=True, slots=True)
class Put:
    """`created`, or `changed`, or neither: it stood there already."""

    row: Any
    created: bool
    changed: bool


async def put_order(
    session: AsyncSession, number: str, facts: Mapping[str, Any], *, reach: Reach, actor: str, at: datetime
) -> Put:
    """`facts`: the columns of VehicleOrder, with `dealer` and `vin` in words. `status_at` moves with the status."""
    values = {**facts, **await _links(session, facts, reach)}
    row = await session.scalar(select(VehicleOrder).where(VehicleOrder.number == _checked_number(number)))
    _require_own(row, reach)
    if row is None or row.status != values["status"]:
        values["status_at"] = facts.get("status_at") or at
    else:
        values.pop("status_at", None)
    if row is None:
        values["ordered_at"] = facts.get("ordered_at") or at
    elif facts.get("ordered_at") is None:
        values.pop("ordered_at", None)
    put = await _put(session, VehicleOrder, row, {"number": number}, values)
    detail = {"number": number, "status": put.row.status}
    return await _told(session, put, "order.changed", detail, actor=actor, at=at)


async def put_vehicle(
    session: AsyncSession, vin: str, facts: Mapping[str, Any], *, reach: Reach, actor: str, at: datetime
) -> Put:
    """`facts`: columns of Vehicle, with `dealer` in words."""
    clean = checked_vin(vin)
    row = await session.scalar(select(Vehicle).where(Vehicle.vin == clean))
    _require_own(row, reach)
    values = {**facts, "dealer_id": await dealer_id(session, facts.get("dealer"), reach)}
    put = await _put(session, Vehicle, row, {"vin": clean}, {k: v for k, v in values.items() if k != "dealer"})
    detail = {"vin": clean, "state": put.row.state}
    return await _told(session, put, "vehicle.changed", detail, actor=actor, at=at)


async def put_delivery(
    session: AsyncSession,
    vin: str,
    delivered_on: date,
    facts: Mapping[str, Any],
    *,
    reach: Reach,
    actor: str,
    at: datetime,
) -> Put:
    """The vehicle must be known; the customer becomes its buyer, and it is sold."""
    vehicle = await _vehicle(session, vin, reach)
    values = {**facts, **await _links(session, facts, reach), "vehicle_id": vehicle.id}
    same = (Delivery.vehicle_id == vehicle.id, Delivery.delivered_on == delivered_on)
    row = await session.scalar(select(Delivery).where(*same))
    _require_own(row, reach)
    put = await _put(session, Delivery, row, {"delivered_on": delivered_on}, values)
    if put.created:
        vehicle.sold_on, vehicle.state = vehicle.sold_on or delivered_on, "sold"
        await _role(session, vehicle.id, put.row.customer_id, "buyer")
    if put.created or put.changed:
        await plan_soon(session, [put.row.customer_id], at)
    detail = {"vin": vehicle.vin, "customer_id": put.row.customer_id, "delivered_on": delivered_on.isoformat()}
    return await _told(session, put, "delivery.recorded", detail, actor=actor, at=at)


async def put_visit(
    session: AsyncSession, number: str, facts: Mapping[str, Any], *, reach: Reach, actor: str, at: datetime
) -> Put:
    """The vehicle must be known, whichever dealer sold it; its mileage grows with the visit's."""
    vehicle = await _vehicle(session, str(facts["vin"]), EVERYTHING)
    values = {**facts, **await _links(session, {**facts, "vin": None}, reach), "vehicle_id": vehicle.id}
    row = await session.scalar(select(WorkshopVisit).where(WorkshopVisit.number == _checked_number(number)))
    _require_own(row, reach)
    put = await _put(session, WorkshopVisit, row, {"number": number}, values)
    vehicle.mileage_km = max(vehicle.mileage_km, put.row.mileage_km)
    if put.created or put.changed:
        await plan_soon(session, [put.row.customer_id], at)
    detail = {"number": number, "vin": vehicle.vin, "kind": put.row.kind}
    return await _told(session, put, "workshop_visit.recorded", detail, actor=actor, at=at)


def checked_vin(vin: str) -> str:
    """Raises Invalid for what is no VIN."""
    clean = vin.upper()
    if not _VIN.fullmatch(clean):
        raise Invalid("A VIN has 17 letters and digits, without I, O and Q.", field="vin")
    return clean


async def dealer_id(session: AsyncSession, code: object, reach: Reach) -> int | None:
    """The dealer of a code. Without one: the dealer that the key is bound to, if it is bound. Raises Invalid."""
    if not code:
        return min(reach.dealers) if reach.dealers else None
    found = await session.scalar(select(Dealer.id).where(Dealer.code == storable(str(code), 16)))
    if found is None or not reach.covers(found):
        raise Invalid("There is no dealer {code}.", code=str(code)[:16], field="dealer")
    return found


async def _links(session: AsyncSession, facts: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    """Ids for what the facts name in words."""
    found: dict[str, Any] = {"dealer_id": await dealer_id(session, facts.get("dealer"), reach)}
    customer_id = facts.get("customer_id")
    if customer_id is not None:
        customer = await session.get(Customer, customer_id)
        if customer is None or customer.merged_into_id is not None or not reach.covers(customer.dealer_id):
            raise Invalid("There is no such customer.", field="customer_id")
    if facts.get("vin"):
        found["vehicle_id"] = (await _vehicle(session, str(facts["vin"]), reach)).id
    return found


async def _vehicle(session: AsyncSession, vin: str, reach: Reach) -> Vehicle:
    """Raises Invalid for one that is unknown, or another dealer's: a dealer's system reports on its own cars."""
    found = await session.scalar(select(Vehicle).where(Vehicle.vin == checked_vin(vin)))
    if found is None or not reach.covers(found.dealer_id):
        raise Invalid("There is no vehicle {vin} yet. Send it first.", vin=vin[:17], field="vin")
    return found


async def _role(session: AsyncSession, vehicle_id: int, customer_id: int, role: str) -> None:
    same = (VehicleRole.vehicle_id == vehicle_id, VehicleRole.customer_id == customer_id, VehicleRole.role == role)
    if await session.scalar(select(VehicleRole.id).where(*same)) is None:
        session.add(VehicleRole(vehicle_id=vehicle_id, customer_id=customer_id, role=role))


async def _put(
    session: AsyncSession, table: type[Base], row: Any, name: Mapping[str, Any], values: Mapping[str, Any]
) -> Put:
    clean = {k: storable(v, 20_000) if isinstance(v, str) else v for k, v in values.items() if hasattr(table, k)}
    if row is None:
        made = table(**name, **clean)
        try:
            async with session.begin_nested():
                session.add(made)
        except IntegrityError:  # the same came twice at once
            raise StillRunning from None
        return Put(made, created=True, changed=True)
    changed = {key: value for key, value in clean.items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    await session.flush()
    return Put(row, created=False, changed=bool(changed))


async def _told(
    session: AsyncSession, put: Put, kind: str, detail: Mapping[str, Any], *, actor: str, at: datetime
) -> Put:
    if put.changed:
        subject = f"{kind.partition('.')[0]}/{put.row.id}"
        await tell(session, kind, subject, detail, at=at)
        await audit(session, at=at, actor=actor, action=kind.replace(".", "_"), subject=subject)
    return put


def _require_own(row: Any, reach: Reach) -> None:
    """Raises NotFound, in the words of a GET for this number."""
    if row is not None:
        reach.require(row.dealer_id)


def _checked_number(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise Invalid("A number has up to 20 letters, digits, dots and hyphens.", field="number")
    return number
