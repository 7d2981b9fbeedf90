"""The facts of many customers at once: one indexed query for each table, over a range of customer ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, cast

from sqlalchemy import Row, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from crm_core.cases.model import Case
from crm_core.consent.model import Consent, DoNotContact
from crm_core.customers.model import Customer, CustomerPhone, CustomerProfile
from crm_core.history.model import Contact
from crm_core.leads.model import Lead
from crm_core.segments.facts import THREE_YEARS, YEAR, Car, Facts, Manual, Purchase
from crm_core.segments.model import FleetPurchase, ManualClass
from crm_core.vehicles.model import Delivery, Vehicle, VehicleRole, WorkshopVisit

Ids = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
OPEN_LEAD = ("new", "verified", "sent", "following", "nurture")
ASKED_PURPOSES = ("care", "news", "event", "lead")  # refusing a survey alone is no sign of leaving
WHO = (
    Customer.id,
    Customer.kind,
    Customer.gender,
    Customer.salutation,
    Customer.birth_year,
    Customer.city,
    Customer.dealer_id,
    Customer.source,
    Customer.created_at,
    Customer.referrals,
    Customer.customer_class,
    Customer.class_reason,
    Customer.life_cycle_stage,
    Customer.stage_reason,
    Customer.value_yuan,
    Customer.rfm,
    Customer.churn_risk,
    Customer.churn_reason,
)


@dataclass(frozen=True, slots=True)
class Range:
    """Customers with `first` <= id <= `last`, at a moment of the site's day."""

    first: int
    last: int
    at: datetime
    zone: tzinfo

    def holds(self, column: Ids) -> ColumnElement[bool]:
        return column.between(self.first, self.last)

    def day(self, at: datetime | None) -> date | None:
        return at.astimezone(self.zone).date() if at else None

    @property
    def year_ago(self) -> datetime:
        return (self.at - timedelta(days=YEAR)).astimezone(UTC)


@dataclass(slots=True)
class Gathered:
    """The customer's own row and the facts, as keywords of Facts, collected table by table."""

    row: Row[Any]
    facts: dict[str, Any] = field(default_factory=dict)
    bought: dict[int, Purchase] = field(default_factory=dict)  # by vehicle, so that a delivery counts once
    fleets: list[Purchase] = field(default_factory=list)

    def finish(self, known_since: date) -> Facts:
        purchases = (*self.bought.values(), *self.fleets)
        return Facts(known_since=known_since, purchases=purchases, **self.facts)


async def gather(session: AsyncSession, wanted: Range) -> Mapping[int, tuple[Row[Any], Facts]]:
    """Each living customer's row and facts, in the order of their ids; tombstones of a merge are left out."""
    rows = await session.execute(
        select(*WHO).where(wanted.holds(Customer.id), Customer.merged_into_id.is_(None)).order_by(Customer.id)
    )
    found = {row.id: Gathered(cast(Row[Any], row), {"referrals": row.referrals}) for row in rows}
    for part in (_cars, _deliveries, _fleets, _contacts, _visits, _cases, _leads, _referrals, _interests, _refusals):
        await part(session, wanted, found)
    await _manual(session, wanted, found)
    return {key: (one.row, one.finish(wanted.day(one.row.created_at) or date.min)) for key, one in found.items()}


async def _cars(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    statement = (
        select(
            VehicleRole.customer_id,
            Vehicle.id,
            VehicleRole.role,
            Vehicle.sold_on,
            Vehicle.warranty_until,
            Vehicle.next_service_on,
        )
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(wanted.holds(VehicleRole.customer_id), Vehicle.state.not_in(("scrapped", "ordered", "produced")))
    )
    cars: dict[int, dict[int, Car]] = defaultdict(dict)
    for customer, vehicle, role, sold_on, warranty, service in await session.execute(statement):
        if customer not in found:
            continue
        if role == "buyer" and sold_on:
            found[customer].bought[vehicle] = Purchase(on=sold_on)
        if role != "driver":
            cars[customer][vehicle] = Car(sold_on=sold_on, warranty_until=warranty, next_service_on=service)
    for customer, own in cars.items():
        found[customer].facts["cars"] = tuple(own.values())


async def _deliveries(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    columns = (Delivery.customer_id, Delivery.vehicle_id, Delivery.delivered_on, Delivery.price_yuan)
    for customer, vehicle, on, yuan in await session.execute(
        select(*columns).where(wanted.holds(Delivery.customer_id))
    ):
        if customer in found:
            found[customer].bought[vehicle] = Purchase(on=on, yuan=yuan)


async def _fleets(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    for one in await session.scalars(select(FleetPurchase).where(wanted.holds(FleetPurchase.customer_id))):
        if one.customer_id in found:
            lot = Purchase(on=one.bought_on, vehicles=one.vehicles, yuan=one.amount_yuan)
            found[one.customer_id].fleets.append(lot)


async def _contacts(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    """What the customer began, and what reached them: a call that nobody took says nothing of them."""
    reached = or_(Contact.direction == "inbound", Contact.outcome.in_(("reached", "answered")))
    recent = func.count().filter(Contact.started_at >= wanted.year_ago)
    statement = (
        select(Contact.customer_id, func.max(Contact.started_at), recent)
        .where(wanted.holds(Contact.customer_id), reached)
        .group_by(Contact.customer_id)
    )
    for customer, last, count in await session.execute(statement):
        if customer in found:
            found[customer].facts |= {"last_contact_on": wanted.day(last), "contacts": count}


async def _visits(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    recent = func.count().filter(WorkshopVisit.came_at >= wanted.year_ago)
    since = (wanted.at - timedelta(days=THREE_YEARS)).astimezone(UTC)
    lately = func.sum(case((WorkshopVisit.came_at >= since, WorkshopVisit.cost_yuan), else_=0))
    statement = (
        select(
            WorkshopVisit.customer_id,
            func.max(WorkshopVisit.came_at),
            recent,
            func.sum(WorkshopVisit.cost_yuan),
            lately,
        )
        .where(wanted.holds(WorkshopVisit.customer_id), WorkshopVisit.came_at <= wanted.at)
        .group_by(WorkshopVisit.customer_id)
    )
    for customer, last, count, yuan, yuan_3y in await session.execute(statement):
        if customer in found:
            found[customer].facts |= {"last_visit_on": wanted.day(last), "visits": count}
            found[customer].facts |= {"service_yuan": int(yuan), "service_yuan_3y": int(yuan_3y)}


async def _cases(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    open_ones = func.count().filter(Case.kind == "complaint", Case.closed_at.is_(None))
    worst = func.min(case((Case.closed_at >= wanted.year_ago, Case.satisfaction), else_=None))
    statement = (
        select(Case.customer_id, open_ones, worst)
        .where(wanted.holds(Case.customer_id), Case.merged_into_id.is_(None))
        .group_by(Case.customer_id)
    )
    for customer, count, rating in await session.execute(statement):
        if customer in found:
            found[customer].facts |= {"open_complaints": count, "worst_rating": rating}


async def _leads(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    """The open lead's horizon, and to whom a lead was lost within a year."""
    columns = (Lead.customer_id, Lead.status, Lead.horizon, Lead.lost_to, Lead.closed_at)
    statement = select(*columns).where(wanted.holds(Lead.customer_id)).order_by(Lead.created_at)
    for customer, status, horizon, lost_to, closed_at in await session.execute(statement):
        if customer not in found:
            continue
        if status in OPEN_LEAD:
            found[customer].facts["horizon"] = horizon
        elif status == "lost" and lost_to and closed_at and closed_at >= wanted.year_ago:
            found[customer].facts["competitor"] = lost_to


async def _referrals(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    """Won leads whom the customer sent, where that is more than the file says."""
    statement = (
        select(Lead.referred_by_id, func.count())
        .where(wanted.holds(Lead.referred_by_id), Lead.status == "won")
        .group_by(Lead.referred_by_id)
    )
    for customer, count in await session.execute(statement):
        if customer in found:
            found[customer].facts["referrals"] = max(count, found[customer].facts["referrals"])


async def _interests(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    statement = select(CustomerProfile.customer_id, CustomerProfile.competitors).where(
        wanted.holds(CustomerProfile.customer_id), CustomerProfile.competitors != ""
    )
    for customer, competitors in await session.execute(statement):
        if customer in found:
            found[customer].facts.setdefault("competitor", competitors.split("\n")[0][:40])


async def _refusals(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    """Refused = the latest answer on the telephone is no, for any purpose but surveys; or the number is locked."""
    answers = (
        select(Consent.customer_id, Consent.purpose, Consent.given)
        .where(wanted.holds(Consent.customer_id), Consent.channel == "phone", Consent.purpose.in_(ASKED_PURPOSES))
        .order_by(Consent.at, Consent.id)
    )
    latest = {(customer, purpose): given for customer, purpose, given in await session.execute(answers)}
    locked = (
        select(CustomerPhone.customer_id)
        .join(DoNotContact, DoNotContact.e164 == CustomerPhone.e164)
        .where(wanted.holds(CustomerPhone.customer_id))
    )
    refused = {customer for (customer, _), given in latest.items() if not given}
    for customer in refused | set(await session.scalars(locked)):
        if customer in found:
            found[customer].facts["refused"] = True


async def _manual(session: AsyncSession, wanted: Range, found: dict[int, Gathered]) -> None:
    for one in await session.scalars(select(ManualClass).where(wanted.holds(ManualClass.customer_id))):
        if one.customer_id in found:
            given = Manual(customer_class=one.customer_class, reason=one.reason, until=one.until)
            found[one.customer_id].facts["manual"] = given
