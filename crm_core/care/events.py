"""The events of some customers that rules of care can begin with, read in a few queries however many customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.model import CareOutlook
from crm_core.care.reckoning import Event
from crm_core.care.rulebook import Trigger
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.dealers.care_rules import next_birthday
from crm_core.dealers.model import CareTask, Dealer
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Delivery, Vehicle, WorkshopVisit

PROSPECT = ("sent", "following", "nurture")
"""Leads that a dealer works. The plan of those who buy later has its own calls (leads.nurture)."""
BIRTHDAYS_AHEAD = 14
OLDEST = timedelta(days=400)
"""Events before this are left as they are: no rule looks so far back."""


@dataclass(frozen=True, slots=True)
class _People:
    """The customers of one reading, with the regions of their dealers."""

    customers: dict[int, Customer]
    regions: dict[int, str]
    today: date
    zone: tzinfo

    def event(
        self, trigger: Trigger, subject: str, on: date, customer: Customer, dealer_id: int | None, **more: object
    ) -> Event:
        values: dict[str, object] = {"consultant": customer.sales_consultant, "adviser": customer.service_adviser}
        values |= {key: value for key, value in more.items() if value}
        return Event(
            trigger=trigger,
            subject=subject,
            on=on,
            customer_id=customer.id,
            dealer_id=dealer_id,
            region=self.regions.get(dealer_id or 0, ""),
            customer_class=customer.customer_class,
            **values,  # type: ignore[arg-type]
        )


async def events_of(session: AsyncSession, customer_ids: Collection[int], *, today: date, zone: tzinfo) -> list[Event]:
    """In no special order. A customer who was merged into another one has none: the rows moved with it."""
    found = select(Customer).where(Customer.id.in_(customer_ids), Customer.merged_into_id.is_(None))
    customers = {one.id: one for one in await session.scalars(found)}
    rows = await session.execute(select(Dealer.id, Dealer.region))
    people = _People(customers, {row.id: row.region for row in rows}, today, zone)
    return [
        *await _deliveries(session, people),
        *await _visits(session, people),
        *await _complaints(session, people),
        *await _leads(session, people),
        *_yearly(people),
    ]


async def _deliveries(session: AsyncSession, people: _People) -> list[Event]:
    rows = await session.execute(
        select(Delivery, Vehicle.model, Vehicle.energy)
        .join(Vehicle, Vehicle.id == Delivery.vehicle_id)
        .where(Delivery.customer_id.in_(people.customers), Delivery.delivered_on > people.today - OLDEST)
    )
    return [
        people.event(
            Trigger.DELIVERY,
            f"delivery/{row.id}",
            row.delivered_on,
            people.customers[row.customer_id],
            row.dealer_id,
            vehicle_id=row.vehicle_id,
            consultant=row.consultant,
            model=model,
            energy=energy,
        )
        for row, model, energy in rows
    ]


async def _visits(session: AsyncSession, people: _People) -> list[Event]:
    rows = await session.execute(
        select(WorkshopVisit, Vehicle.model, Vehicle.energy)
        .join(Vehicle, Vehicle.id == WorkshopVisit.vehicle_id)
        .where(WorkshopVisit.customer_id.in_(people.customers), WorkshopVisit.left_at > _midnight(people.today, people))
    )
    return [
        people.event(
            Trigger.VISIT,
            f"visit/{row.id}",
            row.left_at.astimezone(people.zone).date(),
            people.customers[row.customer_id],
            row.dealer_id,
            vehicle_id=row.vehicle_id,
            adviser=row.adviser,
            model=model,
            energy=energy,
        )
        for row, model, energy in rows
        if row.left_at is not None and row.customer_id is not None
    ]


async def _complaints(session: AsyncSession, people: _People) -> list[Event]:
    rows = await session.scalars(
        select(Case).where(
            Case.customer_id.in_(people.customers),
            Case.kind == "complaint",
            Case.merged_into_id.is_(None),
            Case.closed_at > _midnight(people.today, people),
        )
    )
    events = []
    for row in rows:
        if row.closed_at is not None:
            customer, on = people.customers[row.customer_id], row.closed_at.astimezone(people.zone).date()
            dealer = row.dealer_id or customer.dealer_id
            more = {"vehicle_id": row.vehicle_id, "model": row.model}
            events.append(people.event(Trigger.COMPLAINT, f"complaint/{row.id}", on, customer, dealer, **more))
    return events


async def _leads(session: AsyncSession, people: _People) -> list[Event]:
    open_ones = Lead.status.not_in(("won", "lost", "invalid"))
    rows = list(await session.scalars(select(Lead).where(Lead.customer_id.in_(people.customers), open_ones)))
    made = await _contacts_made(session, {lead.customer_id for lead in rows})
    events: dict[str, Event] = {}
    for lead in rows:
        for event in _of_lead(lead, made, people):
            events.setdefault(event.subject + event.trigger, event)  # two leads have one New Year
    return list(events.values())


Made = dict[tuple[int, int], tuple[int, datetime | None]]
"""(dealer, customer) to how many contacts of care were made, and when the latest was."""


def _of_lead(lead: Lead, made: Made, people: _People) -> Iterable[Event]:
    customer = people.customers[lead.customer_id]
    more = {"model": lead.model, "horizon": lead.horizon, "staff_id": lead.staff_id}
    taken = lead.created_at.astimezone(people.zone).date()
    yield people.event(Trigger.LEAD, f"lead/{lead.id}", taken, customer, lead.dealer_id or customer.dealer_id, **more)
    if lead.dealer_id is None or lead.status not in PROSPECT:
        return
    sent_on = (lead.sent_at or lead.created_at).astimezone(people.zone).date()
    year = (people.today - timedelta(days=30)).year + 1  # last New Year's for a month after it
    subject = f"new_year/{customer.id}/{year}"
    yield people.event(Trigger.NEW_YEAR, subject, date(year, 1, 1), customer, lead.dealer_id, **more)
    if lead.status == "nurture":
        return
    if lead.test_drive:
        yield people.event(Trigger.TEST_DRIVE, f"lead/{lead.id}", sent_on, customer, lead.dealer_id, **more)
    count, latest = made.get((lead.dealer_id, customer.id), (0, None))
    heard = [one.astimezone(people.zone).date() for one in (lead.feedback_at, latest) if one is not None]
    last, subject = max([sent_on, *heard]), f"prospect/{lead.id}/{count + 1}"
    yield people.event(Trigger.PROSPECT, subject, last, customer, lead.dealer_id, **more)


async def _contacts_made(session: AsyncSession, customers: Collection[int]) -> Made:
    if not customers:
        return {}
    rows = await session.execute(
        select(CareTask.dealer_id, CareTask.customer_id, func.count(), func.max(CareTask.done_at))
        .where(CareTask.customer_id.in_(customers), CareTask.status == "done", CareTask.dealer_id.is_not(None))
        .group_by(CareTask.dealer_id, CareTask.customer_id)
    )
    return {(dealer or 0, customer): (count, latest) for dealer, customer, count, latest in rows}


def _yearly(people: _People) -> Iterable[Event]:
    """The next birthday from a month ago on, for a contact may follow the day."""
    since = people.today - timedelta(days=30)
    for customer in people.customers.values():
        on = next_birthday(customer.birthday, since)
        if on is not None:
            subject = f"birthday/{customer.id}/{on.year}"
            yield people.event(Trigger.BIRTHDAY, subject, on, customer, customer.dealer_id)


def _midnight(today: date, people: _People) -> datetime:
    return datetime.combine(today - OLDEST, time(), people.zone)


async def customers_with_events(
    session: AsyncSession, *, after: int, most: int, today: date, zone: tzinfo
) -> Sequence[int]:
    """The next `most` customers after this id for whom a rule may want something, or a contact stands on a list."""
    days = {(today + timedelta(days=one)).strftime("%m-%d") for one in range(-31, BIRTHDAYS_AHEAD + 31)} | {"02-29"}
    since = datetime.combine(today - OLDEST, time(), zone)
    sources = (
        select(Delivery.customer_id).where(Delivery.delivered_on > today - OLDEST),
        select(WorkshopVisit.customer_id).where(WorkshopVisit.left_at > since),
        select(Case.customer_id).where(Case.kind == "complaint", Case.closed_at > since),
        select(Lead.customer_id).where(Lead.status.not_in(("won", "lost", "invalid"))),
        select(Customer.id).where(Customer.birthday.in_(days), Customer.merged_into_id.is_(None)),
        select(CareTask.customer_id).where(CareTask.status.in_(("open", "stopped", "withdrawn"))),
        select(CareOutlook.customer_id),
    )
    found: set[int] = set()
    for source in sources:
        column = source.selected_columns[0]
        part = source.where(column > after).distinct().order_by(column).limit(most)
        found.update(one for one in await session.scalars(part) if one is not None)
    return sorted(found)[:most]
