"""Who calls, and everything the agent must see before answering."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.cases.model import Case
from crm_core.customers.choices import choices
from crm_core.customers.facts import (
    CaseFacts,
    CaseStep,
    ContactFacts,
    CustomerCard,
    CustomerChoice,
    PhoneFacts,
    VehicleFacts,
    case_facts,
    contact_facts,
    vehicle_facts,
)
from crm_core.customers.model import BlockedNumber, Customer, CustomerPhone
from crm_core.customers.search import SearchHit, search
from crm_core.dealers.model import Dealer
from crm_core.history.model import Contact, Leg
from crm_core.vehicles.model import Vehicle, VehicleRole

__all__ = [
    "CaseFacts",
    "CaseStep",
    "ContactFacts",
    "CustomerCard",
    "CustomerChoice",
    "PhoneFacts",
    "SearchHit",
    "VehicleFacts",
    "blocked",
    "card",
    "choices",
    "last_contacts",
    "matches",
    "open_cases_of",
    "search",
    "vehicles_of",
]

SHARED_LABELS = ("family", "company")  # a number of several people says less about who calls
LAST_CONTACTS = 5


async def matches(session: AsyncSession, e164: str) -> list[int]:
    """Ids of the customers who have this number: their own before a family's or company's, latest contact first."""
    rows = await session.execute(
        select(CustomerPhone.customer_id, CustomerPhone.label, Customer.last_contact_at)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(CustomerPhone.e164 == e164, Customer.merged_into_id.is_(None))
        .limit(200)
    )

    def best_first(row: Row[int, str, datetime | None]) -> tuple[bool, float, int]:
        customer_id, label, at = row
        return label in SHARED_LABELS, -(at.timestamp() if at else 0.0), customer_id

    return [row[0] for row in sorted(rows, key=best_first)]


async def blocked(session: AsyncSession, e164: str) -> bool:
    """Whether calls from this number end at once."""
    return await session.get(BlockedNumber, e164) is not None


async def card(session: AsyncSession, customer_id: int, *, now: datetime) -> CustomerCard | None:
    """The customer as the agent sees them when the phone rings, in four indexed queries; None = no such customer."""
    recent = (
        select(func.count())
        .select_from(Contact)
        .where(Contact.customer_id == customer_id, Contact.started_at >= now - timedelta(days=90))
        .scalar_subquery()
    )
    statement = (
        select(Customer, Dealer, CustomerPhone, recent)
        .outerjoin(Dealer, Dealer.id == Customer.dealer_id)
        .outerjoin(CustomerPhone, CustomerPhone.customer_id == Customer.id)
        .where(Customer.id == customer_id)
        .order_by(CustomerPhone.position, CustomerPhone.id)
    )
    rows = (await session.execute(statement)).all()
    if not rows:
        return None
    customer, dealer, _, contacts_90_days = rows[0]
    contacts = await last_contacts(session, customer_id, LAST_CONTACTS)
    served = next((contact for contact in contacts if contact.agent), None)
    return CustomerCard(
        customer_id=customer.id,
        kind=customer.kind,
        name=customer.name,
        salutation=customer.salutation,
        age=now.year - customer.birth_year if customer.birth_year else None,
        customer_class=customer.customer_class,
        class_reason=customer.class_reason,
        life_cycle_stage=customer.life_cycle_stage,
        language=customer.language,
        preference=customer.preference,
        city=customer.city,
        dealer_id=customer.dealer_id,
        dealer=dealer.name if dealer else "",
        dealer_short=dealer.short_name if dealer else "",
        sales_consultant=customer.sales_consultant,
        service_adviser=customer.service_adviser,
        phones=tuple(PhoneFacts(phone_id=row[2].id, e164=row[2].e164, label=row[2].label) for row in rows if row[2]),
        vehicles=tuple(await vehicles_of(session, customer_id)),
        open_cases=tuple(await open_cases_of(session, customer_id)),
        last_contacts=tuple(contacts),
        contacts_90_days=contacts_90_days,
        last_agent=served.agent if served else "",
        last_agent_name=served.agent_name if served else "",
        last_agent_at=served.started_at if served else None,
    )


async def vehicles_of(session: AsyncSession, customer_id: int) -> list[VehicleFacts]:
    """The customer's vehicles, the newest first."""
    rows = await session.execute(
        select(Vehicle, VehicleRole.role)
        .join(VehicleRole, VehicleRole.vehicle_id == Vehicle.id)
        .where(VehicleRole.customer_id == customer_id)
        .order_by(Vehicle.sold_on.desc(), Vehicle.id, VehicleRole.role)
        .limit(200)
    )
    roles: dict[Vehicle, list[str]] = {}
    for vehicle, role in rows:
        roles.setdefault(vehicle, []).append(role)
    return [vehicle_facts(vehicle, words) for vehicle, words in roles.items()]


async def open_cases_of(session: AsyncSession, customer_id: int) -> list[CaseFacts]:
    """What is open for the customer, the most urgent first."""
    rows = await session.execute(
        select(Case, Dealer.short_name)
        .outerjoin(Dealer, Dealer.id == Case.dealer_id)
        .where(Case.customer_id == customer_id, Case.closed_at.is_(None))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
        .limit(20)
    )
    return [case_facts(case, dealer) for case, dealer in rows]


async def last_contacts(session: AsyncSession, customer_id: int, limit: int) -> list[ContactFacts]:
    """The latest finished contacts of the customer, in one query with their legs."""
    latest = (
        select(Contact.id)
        .where(Contact.customer_id == customer_id, Contact.ended_at.is_not(None))
        .order_by(Contact.started_at.desc())
        .limit(limit)
    )
    rows = await session.execute(
        select(Contact, User.name, Leg.answered_at, Leg.ended_at)
        .outerjoin(User, User.number == Contact.agent)
        .outerjoin(Leg, (Leg.contact_id == Contact.id) & Leg.answered_at.is_not(None))
        .where(Contact.id.in_(latest))
        .order_by(Contact.started_at.desc(), Contact.id)
    )
    talks: dict[Contact, float] = {}
    names: dict[str, str] = {}
    for contact, name, answered_at, ended_at in rows:
        names[contact.agent] = name or contact.agent
        seconds = (ended_at - answered_at).total_seconds() if answered_at and ended_at else 0.0
        talks[contact] = talks.get(contact, 0.0) + seconds
    return [contact_facts(contact, names[contact.agent], seconds) for contact, seconds in talks.items()]
