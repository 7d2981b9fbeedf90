"""What a dealer gives back: a stay in the workshop, a used car taken in part payment (B-136)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import Reach
from crm_core.care.soon import plan_soon
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.dealers.slots import LASTS
from crm_core.errors import Invalid, NotFound
from crm_core.integration.outbox import tell
from crm_core.numbering import add_numbered
from crm_core.phone import to_e164
from crm_core.vehicles.model import TradeIn, Vehicle, VehicleRole, WorkshopVisit
from crm_core.workforce.fields import Unusable

MOST_KM, MOST_YUAN = 2_000_000, 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`booking_id` when the car was booked; None = a number that is none."""

    customer_id: int
    vehicle_id: int
    kind: str
    came_at: datetime | None
    left_at: datetime | None
    mileage_km: int | None
    complaint: str
    work_done: str
    cost_yuan: int | None
    adviser: str
    booking_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedCar:
    customer_id: int
    old_vehicle: str
    plate: str
    mileage_km: int | None
    offered_yuan: int | None
    traded_on: date | None
    new_vehicle_id: int | None = None


async def record_visit(
    session: AsyncSession, dealer_id: int, visit: Visit, *, reach: Reach, actor: str, at: datetime
) -> WorkshopVisit:
    """The stay becomes part of the car's life; a booking of it is done. Raises Unusable, NotFound."""
    reach.require(dealer_id)
    vehicle = await _vehicle_of(session, visit.customer_id, visit.vehicle_id, reach)
    wrong = _visit_problems(visit, vehicle, at)
    if wrong:
        raise Unusable(wrong)
    row = WorkshopVisit(vehicle_id=vehicle.id, customer_id=visit.customer_id)
    row.dealer_id, row.kind, row.adviser = dealer_id, visit.kind, storable(visit.adviser.strip(), 40)
    row.came_at, row.left_at = visit.came_at or at, visit.left_at
    row.mileage_km, row.cost_yuan = visit.mileage_km or 0, visit.cost_yuan or 0
    row.complaint, row.work_done = storable(visit.complaint.strip(), 2000), storable(visit.work_done.strip(), 2000)
    await add_numbered(session, row, WorkshopVisit.number, "W-P", digits=7)
    vehicle.mileage_km = max(vehicle.mileage_km, row.mileage_km)
    if visit.booking_id is not None:
        booking = await session.get(WorkshopBooking, visit.booking_id)
        if booking is None or booking.dealer_id != dealer_id:
            raise NotFound("There is nothing here, or it is not yours.")
        booking.visit_id, booking.status = row.id, "done"
    facts = {"number": row.number, "vin": vehicle.vin, "dealer": dealer_id, "kind": row.kind}
    await plan_soon(session, [row.customer_id], at)
    await tell(session, "workshop.visit", f"visit/{row.id}", facts, at=at)
    await audit(session, at=at, actor=actor, action="visit_recorded", subject=row.number, detail=vehicle.vin)
    return row


async def record_trade_in(
    session: AsyncSession, dealer_id: int, car: UsedCar, *, reach: Reach, actor: str, at: datetime
) -> TradeIn:
    """Raises Unusable, NotFound."""
    reach.require(dealer_id)
    await _customer_of(session, car.customer_id, reach)
    wrong = []
    if not car.old_vehicle.strip():
        wrong.append(Invalid("Enter make and model of the used car.", field="old_vehicle"))
    wrong += _number_problems({"mileage_km": (car.mileage_km, MOST_KM), "offered_yuan": (car.offered_yuan, MOST_YUAN)})
    if car.traded_on is None or car.traded_on > at.date():
        wrong.append(Invalid("Enter a day that has passed.", field="traded_on"))
    if wrong or car.traded_on is None:
        raise Unusable(wrong)
    row = TradeIn(customer_id=car.customer_id, dealer_id=dealer_id, traded_on=car.traded_on, old_vehicle="")
    row.old_vehicle, row.plate = storable(car.old_vehicle.strip(), 80), plate_of(car.plate)
    row.mileage_km, row.offered_yuan = car.mileage_km or 0, car.offered_yuan or 0
    row.new_vehicle_id = car.new_vehicle_id
    session.add(row)
    await session.flush()
    facts = {"dealer": dealer_id, "old_vehicle": row.old_vehicle, "offered_yuan": row.offered_yuan}
    await tell(session, "vehicle.traded_in", f"trade_in/{row.id}", facts, at=at)
    await audit(session, at=at, actor=actor, action="trade_in_recorded", subject=f"trade_in/{row.id}")
    return row


async def find_customers(
    session: AsyncSession, words: str, reach: Reach, limit: int = 20
) -> list[tuple[Customer, list[Vehicle]]]:
    """The dealer's own customers by name, number, plate or the end of the VIN, with their cars."""
    words = words.strip()
    if len(words) < 2:
        return []
    plate = plate_of(words)
    by_car = (
        select(VehicleRole.customer_id)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(or_(Vehicle.plate == plate, Vehicle.vin.endswith(words.upper()[:17], autoescape=True)))
    )
    number = to_e164(words)
    by_number = select(CustomerPhone.customer_id).where(CustomerPhone.e164 == (number or ""))
    rows = await session.scalars(
        select(Customer)
        .where(
            reach.condition(Customer.dealer_id),
            Customer.merged_into_id.is_(None),
            or_(
                Customer.name.startswith(words, autoescape=True),
                Customer.id.in_(by_car),
                Customer.id.in_(by_number),
            ),
        )
        .order_by(Customer.name, Customer.id)
        .limit(limit)
    )
    customers = list(rows)
    cars = await cars_of(session, [one.id for one in customers])
    return [(one, cars.get(one.id, [])) for one in customers]


async def cars_of(session: AsyncSession, customer_ids: list[int]) -> dict[int, list[Vehicle]]:
    rows = await session.execute(
        select(VehicleRole.customer_id, Vehicle)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(VehicleRole.customer_id.in_(customer_ids))
        .order_by(Vehicle.id)
    )
    found: dict[int, list[Vehicle]] = {}
    for customer_id, vehicle in rows:
        if vehicle not in found.setdefault(customer_id, []):
            found[customer_id].append(vehicle)
    return found


def plate_of(words: str) -> str:
    """A plate as the database keeps it: no dot, no space, capitals."""
    return storable(words.replace("·", "").replace(" ", "").upper(), 10)


async def _customer_of(session: AsyncSession, customer_id: int, reach: Reach) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is nothing here, or it is not yours.")
    reach.require(customer.dealer_id)
    return customer


async def _vehicle_of(session: AsyncSession, customer_id: int, vehicle_id: int, reach: Reach) -> Vehicle:
    await _customer_of(session, customer_id, reach)
    vehicle = await session.scalar(
        select(Vehicle)
        .join(VehicleRole, VehicleRole.vehicle_id == Vehicle.id)
        .where(Vehicle.id == vehicle_id, VehicleRole.customer_id == customer_id)
        .limit(1)
    )
    if vehicle is None:
        raise NotFound("There is nothing here, or it is not yours.")
    return vehicle


def _visit_problems(visit: Visit, vehicle: Vehicle, at: datetime) -> list[Invalid]:
    wrong = _number_problems({"mileage_km": (visit.mileage_km, MOST_KM), "cost_yuan": (visit.cost_yuan, MOST_YUAN)})
    if visit.kind not in LASTS:
        wrong.append(Invalid("Choose what is to be done.", field="kind"))
    if visit.came_at is None or visit.came_at > at:
        wrong.append(Invalid("Enter when the car came.", field="came_at"))
    elif visit.left_at is not None and not visit.came_at <= visit.left_at <= at:
        wrong.append(Invalid("The car leaves after it came, and not in the future.", field="left_at"))
    if not visit.work_done.strip():
        wrong.append(Invalid("Write what was done.", field="work_done"))
    if visit.mileage_km is not None and 0 < visit.mileage_km < vehicle.mileage_km:
        wrong.append(
            Invalid("The car had {km} km before. Check the figure.", km=vehicle.mileage_km, field="mileage_km")
        )
    return wrong


def _number_problems(values: dict[str, tuple[int | None, int]]) -> list[Invalid]:
    return [
        Invalid("Enter a number from {low} to {high}.", low=0, high=most, field=name)
        for name, (value, most) in values.items()
        if value is None or not 0 <= value <= most
    ]


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """ "2026-11-26T09:30" of a form in the site's zone; None for what is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
