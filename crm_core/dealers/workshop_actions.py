"""Booking a place in a workshop, giving it to a technician, and what became of it (B-87)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import Reach
from crm_core.clock import day_bounds
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.dealers.slots import LASTS, Busy, Slot, day_slots, is_free, most_at_once
from crm_core.dealers.stations import hours_of
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.vehicles.model import Vehicle

HOLDING = ("booked", "arrived")  # what takes a place
NEXT = {"booked": ("arrived", "cancelled", "missed"), "arrived": ("done",), "missed": ("booked",)}
FARTHEST = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who comes with which car for what, from when on."""

    customer_id: int
    vehicle_id: int | None
    work: str
    begins_at: datetime
    words: str = ""
    technician_id: int | None = None


async def technicians_of(session: AsyncSession, dealer_id: int) -> list[DealerStaff]:
    rows = select(DealerStaff).where(
        DealerStaff.dealer_id == dealer_id, DealerStaff.active, DealerStaff.role == "technician"
    )
    return list(await session.scalars(rows.order_by(DealerStaff.id)))


async def free_slots(
    session: AsyncSession, dealer_id: int, day: date, work: str, *, now: datetime, zone: tzinfo, but: int = 0
) -> list[Slot]:
    """The times of that day at which work of this kind can begin; those that have passed are left out.

    `but` is a booking that is being moved: its own place counts as free.
    """
    dealer = await session.get(Dealer, dealer_id)
    if dealer is None:
        raise NotFound("There is nothing here, or it is not yours.")
    hours = hours_of(dealer.week, dealer.opens, dealer.closes, dealer.closed_days)
    busy = await busy_on(session, dealer_id, day, zone, but=but)
    places = max(1, len(await technicians_of(session, dealer_id)))
    slots = day_slots(day, hours.on(day), busy, places, lasting(work), zone=zone)
    return [slot for slot in slots if slot.begins > now]


async def busy_on(session: AsyncSession, dealer_id: int, day: date, zone: tzinfo, *, but: int = 0) -> list[Busy]:
    """What is taken on that day, without the booking `but`."""
    start, end = day_bounds(day, zone)
    rows = await session.execute(
        select(WorkshopBooking.begins_at, WorkshopBooking.ends_at, WorkshopBooking.technician_id).where(
            WorkshopBooking.dealer_id == dealer_id,
            WorkshopBooking.begins_at >= start,
            WorkshopBooking.begins_at < end,
            WorkshopBooking.status.in_(HOLDING),
            WorkshopBooking.id != but,
        )
    )
    return [Busy(*row) for row in rows]


async def book(
    session: AsyncSession,
    dealer_id: int,
    wish: Wish,
    *,
    source: str,
    zone: tzinfo,
    reach: Reach,
    actor: str,
    at: datetime,
) -> WorkshopBooking:
    """A place from `wish.begins_at` on. Of two who want the last one at once, the second is refused."""
    reach.require(dealer_id)
    lasts = lasting(wish.work)
    if not at < wish.begins_at <= at + FARTHEST:
        raise Invalid("Choose a time within the next {days} days.", days=FARTHEST.days, field="begins_at")
    await _require_known(session, dealer_id, wish, reach)
    # The dealer's row is the lock: bookings of one workshop are made one after the other.
    await session.execute(update(Dealer).where(Dealer.id == dealer_id).values(id=dealer_id))
    await require_free(session, dealer_id, wish, lasts, zone)
    row = WorkshopBooking(
        dealer_id=dealer_id,
        customer_id=wish.customer_id,
        vehicle_id=wish.vehicle_id,
        technician_id=wish.technician_id,
        begins_at=wish.begins_at,
        ends_at=wish.begins_at + lasts,
        work=wish.work,
        wish=storable(wish.words.strip(), 200),
        source=source,
        booked_at=at,
        booked_by=actor,
    )
    session.add(row)
    await session.flush()
    facts = {"dealer": dealer_id, "begins_at": row.begins_at.isoformat(), "work": row.work}
    await tell(session, "workshop.booked", f"booking/{row.id}", facts, at=at)
    await audit(session, at=at, actor=actor, action="workshop_booked", subject=f"booking/{row.id}", detail=row.wish)
    return row


async def set_booking(
    session: AsyncSession, booking_id: int, status: str, *, reach: Reach, actor: str, at: datetime
) -> WorkshopBooking:
    """The car came, is done, did not come; or the booking is off. Raises Refused when it is not its turn."""
    row = await _own(session, booking_id, reach)
    if status not in NEXT.get(row.status, ()):
        raise Refused("This booking has gone on meanwhile. Load the page again.")
    row.status = status
    await tell(session, f"workshop.{status}", f"booking/{row.id}", at=at)
    await audit(session, at=at, actor=actor, action=f"workshop_{status}", subject=f"booking/{row.id}")
    return row


async def give_to(
    session: AsyncSession,
    booking_id: int,
    technician_id: int | None,
    *,
    reach: Reach,
    zone: tzinfo,
    actor: str,
    at: datetime,
) -> WorkshopBooking:
    """The technician who does it; None = nobody yet. Raises Refused when they have another car then."""
    row = await _own(session, booking_id, reach)
    if technician_id is not None:
        known = {one.id for one in await technicians_of(session, row.dealer_id)}
        if technician_id not in known:
            raise NotFound("There is nothing here, or it is not yours.")
        busy = [one for one in await _others(session, row, zone) if one.technician == technician_id]
        if not is_free(busy, technician_id, row.begins_at, row.ends_at):
            raise Refused("This technician has another car at that time.")
    row.technician_id = technician_id
    await audit(
        session, at=at, actor=actor, action="workshop_given", subject=f"booking/{row.id}", detail=str(technician_id)
    )
    return row


async def bookings_on(
    session: AsyncSession, dealer_id: int, day: date, reach: Reach, *, zone: tzinfo
) -> Sequence[tuple[WorkshopBooking, Customer, Vehicle | None]]:
    """The day's bookings with customer and car, by time; cancelled ones too."""
    reach.require(dealer_id)
    start, end = day_bounds(day, zone)
    rows = await session.execute(
        select(WorkshopBooking, Customer, Vehicle)
        .join(Customer, Customer.id == WorkshopBooking.customer_id)
        .outerjoin(Vehicle, Vehicle.id == WorkshopBooking.vehicle_id)
        .where(
            WorkshopBooking.dealer_id == dealer_id,
            WorkshopBooking.begins_at >= start,
            WorkshopBooking.begins_at < end,
        )
        .order_by(WorkshopBooking.begins_at, WorkshopBooking.id)
    )
    return [(booking, customer, vehicle) for booking, customer, vehicle in rows]


async def _require_known(session: AsyncSession, dealer_id: int, wish: Wish, reach: Reach) -> None:
    customer = await session.get(Customer, wish.customer_id)
    if customer is None or (reach.dealers is not None and not reach.covers(customer.dealer_id)):
        raise Invalid("Choose the customer from the list.", field="customer_id")
    if wish.vehicle_id is not None and await session.get(Vehicle, wish.vehicle_id) is None:
        raise Invalid("Choose the car from the list.", field="vehicle_id")
    if wish.technician_id is not None:
        known = {one.id for one in await technicians_of(session, dealer_id)}
        if wish.technician_id not in known:
            raise Invalid("Choose a technician from the list.", field="technician_id")


async def require_free(
    session: AsyncSession, dealer_id: int, wish: Wish, lasts: timedelta, zone: tzinfo, *, but: int = 0
) -> None:
    """Raises Refused when the workshop is closed or full then; the booking `but` does not count."""
    day = wish.begins_at.astimezone(zone).date()
    dealer = await session.get_one(Dealer, dealer_id)
    hours = hours_of(dealer.week, dealer.opens, dealer.closes, dealer.closed_days)
    busy = await busy_on(session, dealer_id, day, zone, but=but)
    places = max(1, len(await technicians_of(session, dealer_id)))
    begins = {slot.begins for slot in day_slots(day, hours.on(day), [], places, lasts, zone=zone)}
    ends = wish.begins_at + lasts
    if wish.begins_at not in begins:
        raise Refused("The workshop is closed then, or would close before the work is done. Choose another time.")
    if most_at_once(busy, wish.begins_at, ends) >= places:
        raise Refused("This time was taken meanwhile. Choose another one.")
    if wish.technician_id is not None and not is_free(busy, wish.technician_id, wish.begins_at, ends):
        raise Refused("This technician has another car at that time.")


async def _others(session: AsyncSession, row: WorkshopBooking, zone: tzinfo) -> list[Busy]:
    rows = await session.execute(
        select(WorkshopBooking.begins_at, WorkshopBooking.ends_at, WorkshopBooking.technician_id).where(
            WorkshopBooking.dealer_id == row.dealer_id,
            WorkshopBooking.id != row.id,
            WorkshopBooking.begins_at < row.ends_at,
            WorkshopBooking.ends_at > row.begins_at,
            WorkshopBooking.status.in_(HOLDING),
        )
    )
    return [Busy(*one) for one in rows]


async def _own(session: AsyncSession, booking_id: int, reach: Reach) -> WorkshopBooking:
    row = await session.scalar(select(WorkshopBooking).where(WorkshopBooking.id == booking_id).with_for_update())
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    reach.require(row.dealer_id)
    return row


def lasting(work: str) -> timedelta:
    if work not in LASTS:
        raise Invalid("Choose what is to be done.", field="work")
    return LASTS[work]
