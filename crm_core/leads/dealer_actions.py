"""What the dealer does with a lead: name who follows it up, give a word, win it, lose it; within the dealer's reach."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.consent.gate import touched
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import DealerStaff
from crm_core.errors import Invalid, Refused
from crm_core.leads.delivery import start_clock
from crm_core.leads.model import Lead
from crm_core.leads.nurture import stop_tasks
from crm_core.leads.progress import horizon_of
from crm_core.leads.record import close, locked, step, stop_jobs, tell_event, words_needed
from crm_core.leads.settings import lead_rules
from crm_core.leads.turns import end_turn, first_word
from crm_core.leads.words import WITH_DEALER, Act, LeadStatus, LostReason
from crm_core.vehicles.model import Delivery, Vehicle, VehicleOrder, VehicleRole

VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")  # ISO 3779: neither I nor O nor Q
LONGEST_STEP = timedelta(days=366)


async def name_follower(
    session: AsyncSession, lead_id: int, staff_id: int, *, reach: Reach, actor: str, at: datetime
) -> Lead:
    """A person of the dealer follows the lead up. Raises Invalid for somebody who is not theirs or has left."""
    lead = await locked(session, lead_id, reach)
    person = await session.get(DealerStaff, staff_id)
    if person is None or person.dealer_id != lead.dealer_id or not person.active:
        raise Invalid("Choose one of the dealer's people.", field="staff_id")
    _require_with_dealer(lead)
    lead.staff_id = person.id
    await tell_event(
        session, lead, Act.FOLLOWER_NAMED, detail={"staff_id": person.id}, text=person.name, actor=actor, at=at
    )
    return lead


async def feedback(
    session: AsyncSession,
    lead_id: int,
    *,
    words: str,
    next_step_on: date | None,
    reach: Reach,
    actor: str,
    at: datetime,
    buy_by: date | None = None,
    zone: tzinfo = UTC,
) -> Lead:
    """The dealer's word within its days (N16). It tells of a contact with the customer, so it counts as one.

    The next word is due so many days after the next step, or after this word when none is named.
    """
    lead = await locked(session, lead_id, reach)
    text = words_needed(words, "Write what the customer said and what comes next.")
    today = at.astimezone(zone).date()
    if next_step_on is not None and not today - timedelta(days=1) <= next_step_on <= today + LONGEST_STEP:
        raise Invalid("Choose a day within a year from now.", field="next_step_on")
    rules = await lead_rules(session)
    step(lead, Act.FEEDBACK)
    if buy_by is not None:
        lead.buy_by = buy_by
        lead.horizon = horizon_of(buy_by, today, hot_days=rules.hot_days, mid_days=rules.mid_days).value
    lead.feedback_at, lead.next_step_on, lead.reminders = at, next_step_on, 0
    begins = datetime.combine(next_step_on, time(), zone) if next_step_on and next_step_on > today else at
    lead.feedback_due_at = begins + timedelta(days=rules.feedback_days)
    await first_word(session, lead, at=at)
    touched(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, by=actor, at=at, subject=f"lead/{lead.id}")
    await start_clock(session, lead, rules, at)
    detail = {"next": next_step_on.isoformat() if next_step_on else ""}
    await tell_event(session, lead, Act.FEEDBACK, text=text, detail=detail, actor=actor, at=at)
    return lead


async def won(
    session: AsyncSession,
    lead_id: int,
    *,
    vin: str,
    plate: str,
    model: str,
    delivered_on: date,
    price_yuan: int,
    reach: Reach,
    actor: str,
    at: datetime,
) -> Lead:
    """The customer bought (B-135): vehicle, buyer, order and delivery come back with it. Raises Invalid or Refused."""
    lead = await locked(session, lead_id, reach)
    frame = storable(vin.strip().upper(), 20)
    _check_purchase(frame, model, delivered_on, price_yuan, at)
    vehicle = await _sold(session, lead, vin=frame, plate=plate, model=model.strip(), delivered_on=delivered_on)
    customer = await session.get_one(Customer, lead.customer_id)
    person = await session.get(DealerStaff, lead.staff_id) if lead.staff_id else None
    session.add(
        Delivery(
            vehicle_id=vehicle.id,
            customer_id=lead.customer_id,
            dealer_id=lead.dealer_id,
            delivered_on=delivered_on,
            consultant=person.name if person else "",
            price_yuan=price_yuan,
        )
    )
    await _ordered(session, lead, vehicle, at)
    customer.dealer_id = customer.dealer_id or lead.dealer_id
    if person is not None:
        customer.sales_consultant = person.name
    step(lead, Act.WON)
    lead.vehicle_id = vehicle.id
    await _end(session, lead, reach, at)
    detail = {"vehicle_id": vehicle.id, "vin": frame, "price_yuan": price_yuan, "on": delivered_on.isoformat()}
    await tell_event(session, lead, Act.WON, detail=detail, text=model.strip(), actor=actor, at=at)
    return lead


async def lost(
    session: AsyncSession,
    lead_id: int,
    *,
    reason: str,
    lost_to: str,
    words: str,
    reach: Reach,
    actor: str,
    at: datetime,
) -> Lead:
    """Not bought, with the reason; `lost_to` is the competitor's model where that was it."""
    lead = await locked(session, lead_id, reach)
    if reason not in list(LostReason):
        raise Invalid("Choose why the lead was lost.", field="reason")
    rival = storable(lost_to.strip(), 60)
    if reason == LostReason.COMPETITOR and not rival:
        raise Invalid("Write what the customer bought instead.", field="lost_to")
    step(lead, Act.LOST)
    lead.lost_reason, lead.lost_to = reason, rival
    await _end(session, lead, reach, at)
    detail = {"reason": reason, "lost_to": rival}
    await tell_event(session, lead, Act.LOST, text=words, detail=detail, actor=actor, at=at)
    return lead


async def _end(session: AsyncSession, lead: Lead, reach: Reach, at: datetime) -> None:
    """Closed. Told by the dealer it is a word; what the centre had to find out by itself is none."""
    close(lead, at)
    if reach.dealers is not None:
        await first_word(session, lead, at=at)
    await end_turn(session, lead, at=at)
    await stop_jobs(session, lead)
    await stop_tasks(session, lead, at=at)


def _require_with_dealer(lead: Lead) -> None:
    if LeadStatus(lead.status) not in WITH_DEALER:
        raise Refused("Lead {number} is not with a dealer yet. Send it first.", number=lead.number)


def _check_purchase(vin: str, model: str, delivered_on: date, price_yuan: int, at: datetime) -> None:
    if not VIN.fullmatch(vin):
        raise Invalid("A VIN has 17 letters and digits, without I, O and Q.", field="vin")
    if not model.strip():
        raise Invalid("Write which model was bought.", field="model")
    today = at.date()
    if not today - timedelta(days=3660) <= delivered_on <= today + timedelta(days=1):
        raise Invalid("Enter the day of the delivery; it is not in the future.", field="delivered_on")
    if not 0 <= price_yuan <= 100_000_000:
        raise Invalid("Enter the price in whole yuan.", field="price_yuan")


async def _sold(session: AsyncSession, lead: Lead, *, vin: str, plate: str, model: str, delivered_on: date) -> Vehicle:
    """The vehicle with this VIN, now the customer's; a new one when it is not known yet."""
    vehicle = await session.scalar(select(Vehicle).where(Vehicle.vin == vin))
    if vehicle is None:
        vehicle = Vehicle(vin=vin, model=storable(model, 60), dealer_id=lead.dealer_id)
        session.add(vehicle)
        await session.flush()
    elif await session.scalar(select(Delivery.id).where(Delivery.vehicle_id == vehicle.id).limit(1)):
        raise Invalid("The vehicle with this VIN was delivered already. Check the VIN.", field="vin")
    buyers = select(VehicleRole).where(VehicleRole.vehicle_id == vehicle.id, VehicleRole.role == "buyer")
    known = list(await session.scalars(buyers))
    if any(one.customer_id != lead.customer_id for one in known):
        raise Invalid("The vehicle with this VIN belongs to another customer. Check the VIN.", field="vin")
    if not known:
        session.add(VehicleRole(vehicle_id=vehicle.id, customer_id=lead.customer_id, role="buyer"))
    clean = storable(re.sub(r"[\s·•.]", "", plate).upper(), 10)
    vehicle.plate, vehicle.model = clean or vehicle.plate, storable(model, 60)
    vehicle.sold_on, vehicle.state, vehicle.dealer_id = delivered_on, "sold", lead.dealer_id
    return vehicle


async def _ordered(session: AsyncSession, lead: Lead, vehicle: Vehicle, at: datetime) -> None:
    """The open order of the customer for this model is delivered; without one, the purchase is an order by itself."""
    order = await session.scalar(
        select(VehicleOrder)
        .where(
            VehicleOrder.customer_id == lead.customer_id,
            VehicleOrder.model == vehicle.model,
            VehicleOrder.status.not_in(("delivered", "cancelled")),
        )
        .order_by(VehicleOrder.id)
        .limit(1)
    )
    if order is None:
        order = VehicleOrder(
            number=f"DD-{lead.number.removeprefix('XS-')}", customer_id=lead.customer_id, ordered_at=at
        )
        order.model, order.dealer_id, order.contact_id = vehicle.model, lead.dealer_id, lead.contact_id
        session.add(order)
    order.vehicle_id, order.status, order.status_at = vehicle.id, "delivered", at
