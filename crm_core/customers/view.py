"""The one view of a customer: head, what is, and what comes; the past is in customers.timeline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.callbacks.model import Callback
from crm_core.cases.model import Case
from crm_core.customers.model import (
    Customer,
    CustomerAddress,
    CustomerHandle,
    CustomerPhone,
    CustomerProfile,
    CustomerRelation,
)
from crm_core.customers.present import OPEN_LEADS, present
from crm_core.customers.vehicle_lines import vehicle_lines
from crm_core.customers.view_facts import (
    CareLine,
    CaseLine,
    CustomerView,
    LeadLine,
    PhoneLine,
    RelationLine,
    VehicleLine,
)
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.history.model import Contact
from crm_core.leads.model import Lead

__all__ = ["CustomerView", "VehicleLine", "living_id", "view"]

VEHICLES_SHOWN, CASES_SHOWN, RELATIONS_SHOWN, TASKS_SHOWN = 6, 8, 30, 12
_MOST_TOMBSTONES = 20


async def living_id(session: AsyncSession, customer_id: int) -> int | None:
    """Into whom a merged customer went, in the end; a living one is its own; None = no such customer."""
    for _ in range(_MOST_TOMBSTONES):
        found = select(Customer.id, Customer.merged_into_id).where(Customer.id == customer_id)
        row = (await session.execute(found)).one_or_none()
        if row is None or row[1] is None:
            return row[0] if row else None
        customer_id = row[1]
    return None


async def view(
    session: AsyncSession, customer_id: int, *, now: datetime, reach: Reach = EVERYTHING
) -> CustomerView | None:
    """Everything of the page in few indexed queries, however long the history; None = no such or a merged one.

    One question tells what there is; most customers have little, and what is not there is not asked for.

    Raises NotFound for a customer beyond the reach.
    """
    row = (
        await session.execute(
            select(Customer, Dealer, CustomerProfile)
            .outerjoin(Dealer, Dealer.id == Customer.dealer_id)
            .outerjoin(CustomerProfile, CustomerProfile.customer_id == Customer.id)
            .where(Customer.id == customer_id, Customer.merged_into_id.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    customer, dealer, profile = row
    reach.require(customer.dealer_id)
    has = await present(session, customer_id, now=now)
    vehicles = await vehicle_lines(session, customer_id, limit=VEHICLES_SHOWN) if has.vehicles else ()
    return CustomerView(
        customer=customer,
        dealer=dealer,
        profile=profile,
        phones=await phones_of(session, customer_id),
        addresses=await _addresses(session, customer_id) if has.addresses else (),
        handles=await _handles(session, customer_id) if has.handles else (),
        relations=await relations_of(session, customer_id) if has.relations else (),
        vehicles=vehicles,
        vehicle_count=has.vehicles,
        open_cases=await _open_cases(session, customer_id) if has.open_cases else (),
        open_case_count=has.open_cases,
        leads=await _leads(session, customer_id) if has.leads else (),
        care=await _care(session, customer_id) if has.care else (),
        callbacks=await _callbacks(session, customer_id) if has.callbacks else (),
        contacts_90_days=has.contacts_90_days,
        last_contact_at=has.last_contact_at,
        vehicles_bought=has.bought,
        last_visit_on=max((mark.on for line in vehicles for mark in line.marks if "visit" in mark.kind), default=None),
    )


async def phones_of(session: AsyncSession, customer_id: int) -> tuple[PhoneLine, ...]:
    """In the customer's order, with who else has each number."""
    mine, theirs = aliased(CustomerPhone), aliased(CustomerPhone)
    own = select(mine).where(mine.customer_id == customer_id).order_by(mine.position, mine.id)
    phones = list(await session.scalars(own))
    shared: dict[str, list[str]] = {}
    for e164, name in await session.execute(
        select(theirs.e164, Customer.name)
        .join(Customer, Customer.id == theirs.customer_id)
        .where(
            theirs.e164.in_([phone.e164 for phone in phones]),
            theirs.customer_id != customer_id,
            Customer.merged_into_id.is_(None),
        )
        .limit(30)
    ):
        shared.setdefault(e164, []).append(name)
    return tuple(PhoneLine(phone=phone, shared_with=tuple(shared.get(phone.e164, ())[:3])) for phone in phones)


async def _addresses(session: AsyncSession, customer_id: int) -> tuple[CustomerAddress, ...]:
    rows = select(CustomerAddress).where(CustomerAddress.customer_id == customer_id)
    return tuple(await session.scalars(rows.order_by(CustomerAddress.position, CustomerAddress.id)))


async def _handles(session: AsyncSession, customer_id: int) -> tuple[CustomerHandle, ...]:
    rows = select(CustomerHandle).where(CustomerHandle.customer_id == customer_id)
    return tuple(await session.scalars(rows.order_by(CustomerHandle.position, CustomerHandle.id)))


async def relations_of(session: AsyncSession, customer_id: int) -> tuple[RelationLine, ...]:
    """Whom the customer named, then who named the customer."""
    other = aliased(Customer)
    named = (
        select(CustomerRelation, other.id, other.name)
        .outerjoin(other, other.id == CustomerRelation.other_id)
        .where(CustomerRelation.customer_id == customer_id)
        .order_by(CustomerRelation.id)
        .limit(RELATIONS_SHOWN)
    )
    naming = (
        select(CustomerRelation, other.id, other.name)
        .join(other, other.id == CustomerRelation.customer_id)
        .where(CustomerRelation.other_id == customer_id, other.merged_into_id.is_(None))
        .order_by(CustomerRelation.id)
        .limit(RELATIONS_SHOWN)
    )
    lines = [
        RelationLine(relation=row, name=name or row.name, other_id=other_id)
        for row, other_id, name in await session.execute(named)
    ]
    known = {line.other_id for line in lines}
    return tuple(lines) + tuple(
        RelationLine(relation=row, name=name, other_id=other_id, inverse=True)
        for row, other_id, name in await session.execute(naming)
        if other_id not in known
    )


async def _open_cases(session: AsyncSession, customer_id: int) -> tuple[CaseLine, ...]:
    rows = await session.execute(
        select(Case, Dealer.short_name, DealerStaff.name, User.name)
        .outerjoin(Dealer, Dealer.id == Case.dealer_id)
        .outerjoin(DealerStaff, DealerStaff.id == Case.staff_id)
        .outerjoin(User, User.number == Case.owner)
        .where(Case.customer_id == customer_id, Case.closed_at.is_(None))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
        .limit(CASES_SHOWN)
    )
    return tuple(
        CaseLine(case=case, dealer=dealer or "", owner=staff or person or case.owner)
        for case, dealer, staff, person in rows
    )


async def _leads(session: AsyncSession, customer_id: int) -> tuple[LeadLine, ...]:
    rows = await session.execute(
        select(Lead, DealerStaff.name, Dealer.short_name)
        .outerjoin(DealerStaff, DealerStaff.id == Lead.staff_id)
        .outerjoin(Dealer, Dealer.id == Lead.dealer_id)
        .where(Lead.customer_id == customer_id, Lead.status.in_(OPEN_LEADS))
        .order_by(Lead.created_at.desc())
        .limit(TASKS_SHOWN)
    )
    return tuple(LeadLine(lead=lead, staff=staff or "", dealer=dealer or "") for lead, staff, dealer in rows)


async def _care(session: AsyncSession, customer_id: int) -> tuple[CareLine, ...]:
    rows = await session.execute(
        select(CareTask, DealerStaff.name, Dealer.short_name)
        .outerjoin(DealerStaff, DealerStaff.id == CareTask.staff_id)
        .outerjoin(Dealer, Dealer.id == CareTask.dealer_id)
        .where(CareTask.customer_id == customer_id, CareTask.status == "open")
        .order_by(CareTask.due_on, CareTask.id)
        .limit(TASKS_SHOWN)
    )
    return tuple(CareLine(task=task, staff=staff or "", dealer=dealer or "") for task, staff, dealer in rows)


async def _callbacks(session: AsyncSession, customer_id: int) -> tuple[Callback, ...]:
    rows = await session.scalars(
        select(Callback)
        .join(Contact, Contact.id == Callback.contact_id)
        .where(Callback.result == "", Contact.customer_id == customer_id)
        .order_by(Callback.since)
        .limit(TASKS_SHOWN)
    )
    return tuple(rows)
