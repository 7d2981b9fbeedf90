"""Lists for other systems: in the order of ids, so that a cursor is stable under inserts, within the caller's reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm_core.access.reach import Reach
from crm_core.cases.model import Case
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.errors import NotFound
from crm_core.history.model import Contact
from crm_core.integration.model import OutboxEvent
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Vehicle, VehicleOrder, VehicleRole, WorkshopVisit

Row = TypeVar("Row")
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Rows:
    """`more` tells whether there are rows after the last of these."""

    rows: Sequence[Any]
    more: bool


async def customers(
    session: AsyncSession,
    reach: Reach,
    *,
    after: int,
    limit: int,
    e164: str = "",
    name: str = "",
    changed_since: datetime | None = None,
) -> Rows:
    """Living customers (merged ones are not listed) with their numbers. `name` matches from its beginning."""
    statement = select(Customer).where(Customer.merged_into_id.is_(None), reach.condition(Customer.dealer_id))
    if e164:
        statement = statement.where(
            exists().where(CustomerPhone.customer_id == Customer.id, CustomerPhone.e164 == e164)
        )
    if name:
        statement = statement.where(Customer.name.startswith(storable(name, 80), autoescape=True))
    if changed_since:
        created = and_(Customer.updated_at.is_(None), Customer.created_at >= changed_since)
        statement = statement.where(or_(Customer.updated_at >= changed_since, created))
    statement = statement.options(selectinload(Customer.phones))
    return await _page(session, statement.where(Customer.id > after).order_by(Customer.id), limit)


async def customer(session: AsyncSession, reach: Reach, customer_id: int) -> Customer:
    """One living customer with numbers; a merged one's id leads to nothing. Raises NotFound."""
    statement = select(Customer).where(Customer.id == min(customer_id, LARGEST_ID), Customer.merged_into_id.is_(None))
    statement = statement.where(reach.condition(Customer.dealer_id)).options(selectinload(Customer.phones))
    return _found(await session.scalar(statement.execution_options(populate_existing=True)))


async def vehicles(
    session: AsyncSession, reach: Reach, *, after: int, limit: int, plate: str = "", customer_id: int | None = None
) -> Rows:
    """With the customers' roles to them."""
    statement = select(Vehicle).where(reach.condition(Vehicle.dealer_id)).options(selectinload(Vehicle.roles))
    if plate:
        statement = statement.where(Vehicle.plate == storable(plate, 10))
    if customer_id is not None:
        mine = exists().where(VehicleRole.vehicle_id == Vehicle.id, VehicleRole.customer_id == customer_id)
        statement = statement.where(mine)
    return await _page(session, statement.where(Vehicle.id > after).order_by(Vehicle.id), limit)


async def vehicle(session: AsyncSession, reach: Reach, vin: str) -> Vehicle:
    statement = select(Vehicle).where(Vehicle.vin == storable(vin, 17), reach.condition(Vehicle.dealer_id))
    statement = statement.options(selectinload(Vehicle.roles)).execution_options(populate_existing=True)
    return _found(await session.scalar(statement))


async def contacts(
    session: AsyncSession,
    reach: Reach,
    *,
    after: tuple[datetime, str] | None,
    limit: int,
    customer_id: int | None = None,
    since: datetime | None = None,
) -> Rows:
    """Finished contacts in the order of their ends; a dealer's key sees those of its customers."""
    statement = _contacts(reach).where(Contact.ended_at.is_not(None))
    if customer_id is not None:
        statement = statement.where(Contact.customer_id == customer_id)
    if since:
        statement = statement.where(Contact.ended_at >= since)
    if after:
        statement = statement.where(tuple_(Contact.ended_at, Contact.id) > after)
    return await _page(session, statement.order_by(Contact.ended_at, Contact.id), limit)


async def contact(session: AsyncSession, reach: Reach, contact_id: str) -> Contact:
    return _found(await session.scalar(_contacts(reach).where(Contact.id == storable(contact_id, 64))))


async def cases(
    session: AsyncSession,
    reach: Reach,
    *,
    after: int,
    limit: int,
    customer_id: int | None = None,
    kind: str = "",
    open_only: bool = False,
) -> Rows:
    statement = select(Case).where(reach.condition(Case.dealer_id))
    if customer_id is not None:
        statement = statement.where(Case.customer_id == customer_id)
    if kind:
        statement = statement.where(Case.kind == kind)
    if open_only:
        statement = statement.where(Case.closed_at.is_(None))
    return await _page(session, statement.where(Case.id > after).order_by(Case.id), limit)


async def case(session: AsyncSession, reach: Reach, number: str) -> Case:
    statement = select(Case).where(Case.number == storable(number, 20), reach.condition(Case.dealer_id))
    return _found(await session.scalar(statement))


async def leads(
    session: AsyncSession, reach: Reach, *, after: int, limit: int, status: str = "", customer_id: int | None = None
) -> Rows:
    statement = select(Lead).where(reach.condition(Lead.dealer_id))
    if status:
        statement = statement.where(Lead.status == status)
    if customer_id is not None:
        statement = statement.where(Lead.customer_id == customer_id)
    return await _page(session, statement.where(Lead.id > after).order_by(Lead.id), limit)


async def lead(session: AsyncSession, reach: Reach, number: str) -> Lead:
    statement = select(Lead).where(Lead.number == storable(number, 20), reach.condition(Lead.dealer_id))
    return _found(await session.scalar(statement))


async def dealers(session: AsyncSession, reach: Reach, *, after: int, limit: int, region: str = "") -> Rows:
    statement = select(Dealer).where(reach.condition(Dealer.id), Dealer.active)
    if region:
        statement = statement.where(Dealer.region == storable(region, 20))
    return await _page(session, statement.where(Dealer.id > after).order_by(Dealer.id), limit)


async def dealer(session: AsyncSession, reach: Reach, code: str) -> Dealer:
    statement = select(Dealer).where(Dealer.code == storable(code, 16), reach.condition(Dealer.id))
    return _found(await session.scalar(statement))


async def order(session: AsyncSession, reach: Reach, number: str) -> VehicleOrder:
    statement = select(VehicleOrder).where(VehicleOrder.number == storable(number, 20))
    return _found(await session.scalar(statement.where(reach.condition(VehicleOrder.dealer_id))))


async def visit(session: AsyncSession, reach: Reach, number: str) -> WorkshopVisit:
    statement = select(WorkshopVisit).where(WorkshopVisit.number == storable(number, 20))
    return _found(await session.scalar(statement.where(reach.condition(WorkshopVisit.dealer_id))))


async def events(session: AsyncSession, *, after: int, limit: int) -> Rows:
    """What webhooks are told, for who would rather ask: in the order of their sequence."""
    return await _page(
        session, select(OutboxEvent).where(OutboxEvent.sequence > after).order_by(OutboxEvent.sequence), limit
    )


def _contacts(reach: Reach) -> Select[Contact]:
    statement = select(Contact)
    if reach.dealers is None:
        return statement
    return statement.join(Customer, Customer.id == Contact.customer_id).where(reach.condition(Customer.dealer_id))


async def _page(session: AsyncSession, statement: Select[Row], limit: int) -> Rows:
    rows = list(await session.scalars(statement.limit(limit + 1)))
    return Rows(rows[:limit], len(rows) > limit)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    return row
