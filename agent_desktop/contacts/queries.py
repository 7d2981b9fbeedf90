"""What the pages about past calls read: lists, one contact with all its parts, the calls of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.history.model import Contact, Leg, QueueVisit, Recording
from crm_core.vehicles.model import Vehicle


async def latest_day_with_calls(session: AsyncSession, now: datetime, zone: tzinfo) -> date | None:
    """The last whole day of the site with calls, else today if it has some; None = never a call."""
    today = now.astimezone(zone).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=zone)
    before = await session.scalar(select(func.max(Contact.started_at)).where(Contact.started_at < midnight))
    if before is not None:
        return before.astimezone(zone).date()
    any_today = await session.scalar(select(Contact.id).where(Contact.started_at >= midnight).limit(1))
    return today if any_today else None


async def calls_of_day(session: AsyncSession, start: datetime, end: datetime) -> list[tuple[datetime, datetime | None]]:
    """Start and end of the contacts that began in [start, end), at most 2,000."""
    statement = (
        select(Contact.started_at, Contact.ended_at)
        .where(Contact.started_at >= start, Contact.started_at < end)
        .order_by(Contact.started_at)
        .limit(2000)
    )
    return [(began, ended) for began, ended in await session.execute(statement)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """One row of the list. Seconds; None = never waited, never talked."""

    contact: Contact
    customer: str
    waited: float | None
    talked: float | None
    recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    customer_id: int
    name: str
    salutation: str
    customer_class: str
    plate: str
    model: str


async def contact_lines(session: AsyncSession, contacts: Sequence[Contact]) -> list[ContactLine]:
    """The same contacts with what the list shows beside them, in four questions however many they are."""
    ids = [one.id for one in contacts]
    customers = {one.customer_id for one in contacts if one.customer_id}
    customer_names = await session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(customers)))
    named = {row.id: row.name for row in customer_names}
    sums = await session.execute(
        select(QueueVisit.contact_id, func.sum(QueueVisit.wait_seconds).label("seconds"))
        .where(QueueVisit.contact_id.in_(ids))
        .group_by(QueueVisit.contact_id)
    )
    waits = {row.contact_id: row.seconds for row in sums}
    talks: dict[str, float] = {}
    for leg in await session.scalars(select(Leg).where(Leg.contact_id.in_(ids), Leg.answered_at.is_not(None))):
        if leg.answered_at and leg.ended_at:
            talks[leg.contact_id] = talks.get(leg.contact_id, 0.0) + (leg.ended_at - leg.answered_at).total_seconds()
    playable = select(Recording.contact_id).where(Recording.contact_id.in_(ids), Recording.status.in_(("ready", "cut")))
    recorded = set(await session.scalars(playable))
    return [
        ContactLine(
            contact=one,
            customer=named.get(one.customer_id or 0, ""),
            waited=waits.get(one.id),
            talked=talks.get(one.id),
            recorded=one.id in recorded,
        )
        for one in contacts
    ]


async def customer_line(session: AsyncSession, customer_id: int, vehicle_id: int | None = None) -> CustomerLine | None:
    """The customer of a contact, with the vehicle it was about."""
    customer = await session.get(Customer, customer_id)
    if customer is None:
        return None
    vehicle = await session.get(Vehicle, vehicle_id) if vehicle_id else None
    return CustomerLine(
        customer_id=customer.id,
        name=customer.name,
        salutation=customer.salutation,
        customer_class=customer.customer_class,
        plate=vehicle.plate if vehicle else "",
        model=vehicle.model if vehicle else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCaller:
    """A customer whom a visitor of the demo may play."""

    name: str
    salutation: str
    customer_class: str
    number: str
    case: str


async def demo_callers(session: AsyncSession, limit: int = 6) -> list[DemoCaller]:
    """Customers with an open case and a number of their own, so that the agent has something to see."""
    rows = await session.execute(
        select(Customer, func.min(CustomerPhone.e164), func.min(Case.title))
        .join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
        .join(Case, Case.customer_id == Customer.id)
        .where(Case.closed_at.is_(None), CustomerPhone.label == "mobile")
        .group_by(Customer.id)
        .order_by(Customer.customer_class != "vip", Customer.id)
        .limit(limit)
    )
    return [
        DemoCaller(
            name=customer.name,
            salutation=customer.salutation,
            customer_class=customer.customer_class,
            number=number,
            case=case,
        )
        for customer, number, case in rows
    ]
