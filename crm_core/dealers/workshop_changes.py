"""What the centre does with a customer's bookings after the first: another time or workshop, off, on again (B-87)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.access.reach import Reach
from crm_core.dealers.model import Dealer
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.dealers.services import WORKSHOP, offered
from crm_core.dealers.stations import distance_km
from crm_core.dealers.workshop_actions import FARTHEST, Wish, lasting, require_free
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.vehicles.model import Vehicle

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A dealer with a workshop. `km` from the customer's own dealer; None = the customer has none."""

    dealer_id: int
    short_name: str
    city: str
    km: float | None
    is_own: bool


async def workshops_for(session: AsyncSession, own_dealer: int | None) -> list[Workshop]:
    """Every open dealer with a workshop, the customer's own first, then the nearest to it."""
    rows = list(await session.scalars(select(Dealer).where(Dealer.active).order_by(Dealer.city, Dealer.code)))
    own = next((one for one in rows if one.id == own_dealer), None)
    found = [
        Workshop(
            dealer_id=one.id,
            short_name=one.short_name,
            city=one.city,
            km=distance_km(own.latitude, own.longitude, one.latitude, one.longitude) if own else None,
            is_own=one.id == own_dealer,
        )
        for one in rows
        if WORKSHOP in offered(one.services, one.station_at)
    ]
    return sorted(found, key=lambda one: (not one.is_own, one.km or 0.0))


async def bookings_of(
    session: AsyncSession, customer_id: int
) -> Sequence[tuple[WorkshopBooking, Dealer, Vehicle | None]]:
    """A customer's bookings, the latest first."""
    rows = await session.execute(
        select(WorkshopBooking, Dealer, Vehicle)
        .join(Dealer, Dealer.id == WorkshopBooking.dealer_id)
        .outerjoin(Vehicle, Vehicle.id == WorkshopBooking.vehicle_id)
        .where(WorkshopBooking.customer_id == customer_id)
        .order_by(WorkshopBooking.begins_at.desc(), WorkshopBooking.id.desc())
        .limit(SHOWN)
    )
    return [(booking, dealer, vehicle) for booking, dealer, vehicle in rows]


async def change_booking(
    session: AsyncSession,
    booking_id: int,
    *,
    work: str,
    begins_at: datetime,
    dealer_id: int | None = None,
    zone: tzinfo,
    reach: Reach,
    actor: str,
    at: datetime,
) -> WorkshopBooking:
    """Another time, other work or another workshop, in one step: the place there is taken before this one is left.

    `dealer_id` None = the same workshop. Raises Refused for a booking that has begun or a full time, and then
    nothing has changed.
    """
    row = await _free_to_move(session, booking_id, reach, ("booked",), dealer_id)
    lasts, before = lasting(work), _facts(row)
    if not at < begins_at <= at + FARTHEST:
        raise Invalid("Choose a time within the next {days} days.", days=FARTHEST.days, field="begins_at")
    stays = dealer_id in (None, row.dealer_id)
    wish = replace(_wish(row, work, begins_at), technician_id=row.technician_id if stays else None)
    await require_free(session, dealer_id or row.dealer_id, wish, lasts, zone, but=row.id)
    row.dealer_id, row.technician_id = dealer_id or row.dealer_id, wish.technician_id
    row.begins_at, row.ends_at, row.work = begins_at, begins_at + lasts, work
    after = _facts(row)
    await tell(session, "workshop.changed", f"booking/{row.id}", {**after, "before": before}, at=at)
    detail = changed(before, after)
    await audit(session, at=at, actor=actor, action="workshop_changed", subject=f"booking/{row.id}", detail=detail)
    return row


async def restore_booking(
    session: AsyncSession, booking_id: int, *, zone: tzinfo, reach: Reach, actor: str, at: datetime
) -> WorkshopBooking:
    """Undoes a cancellation, if the time is still free and still to come."""
    row = await _free_to_move(session, booking_id, reach, ("cancelled",))
    if row.begins_at <= at:
        raise Refused("This time has passed. Book another one.")
    await require_free(
        session, row.dealer_id, _wish(row, row.work, row.begins_at), row.ends_at - row.begins_at, zone, but=row.id
    )
    row.status = "booked"
    await tell(session, "workshop.booked", f"booking/{row.id}", {"dealer": row.dealer_id, "again": True}, at=at)
    await audit(session, at=at, actor=actor, action="workshop_restored", subject=f"booking/{row.id}")
    return row


async def _free_to_move(
    session: AsyncSession, booking_id: int, reach: Reach, states: tuple[str, ...], to: int | None = None
) -> WorkshopBooking:
    """The booking in one of these states, behind its dealer's row, which is the lock of all bookings there.

    `to` is another dealer, whose row is locked, too.
    """
    known = await session.scalar(select(WorkshopBooking.dealer_id).where(WorkshopBooking.id == booking_id))
    if known is None:
        raise NotFound("There is nothing here, or it is not yours.")
    # In the order of their ids, so that two who move in opposite directions do not wait for each other.
    for dealer in sorted({known, to or known}):
        reach.require(dealer)
        await session.execute(update(Dealer).where(Dealer.id == dealer).values(id=dealer))
    row = await session.get_one(WorkshopBooking, booking_id, populate_existing=True)
    if row.status not in states or row.dealer_id != known:
        raise Refused("This booking has gone on meanwhile. Load the page again.")
    return row


def _facts(row: WorkshopBooking) -> dict[str, str | int]:
    return {"dealer": row.dealer_id, "begins_at": row.begins_at.isoformat(), "work": row.work}


def _wish(row: WorkshopBooking, work: str, begins_at: datetime) -> Wish:
    """The technician keeps the car if free then; require_free says otherwise."""
    return Wish(
        customer_id=row.customer_id,
        vehicle_id=row.vehicle_id,
        work=work,
        begins_at=begins_at,
        technician_id=row.technician_id,
    )
