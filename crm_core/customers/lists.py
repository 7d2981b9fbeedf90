"""Lists of customers: filtered, the latest contact first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.model import Case
from crm_core.clock import from_instant, instant
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid
from crm_core.vehicles.model import Vehicle, VehicleRole

LARGEST_PAGE = 500
_PLATES_READ = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """What is not set does not restrict."""

    customer_class: str = ""
    stage: str = ""
    kind: str = ""
    dealer_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """A customer in a list; `vehicles` are (plate, model) of the newest three of `vehicle_count`."""

    customer: Customer
    dealer: str
    vehicles: tuple[tuple[str, str], ...]
    vehicle_count: int
    open_cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """`next_cursor` "" = this is the last page."""

    lines: tuple[CustomerLine, ...]
    next_cursor: str


async def customer_page(
    session: AsyncSession, wanted: CustomerFilter, *, reach: Reach = EVERYTHING, cursor: str = "", limit: int = 50
) -> CustomerPage:
    """Who had a contact last stands first, who never had one last, the newest of them first."""
    size = max(1, min(limit, LARGEST_PAGE))
    fits = and_(Customer.merged_into_id.is_(None), reach.condition(Customer.dealer_id), *_conditions(wanted))
    at, ident = _read_cursor(cursor) if cursor else (None, None)
    found: list[Customer] = []
    if not cursor or at is not None:
        found += await session.scalars(_contacted(fits, at, ident).limit(size + 1))
    if len(found) <= size:
        silent = select(Customer).where(fits, Customer.last_contact_at.is_(None)).order_by(Customer.id.desc())
        if cursor and at is None:
            silent = silent.where(Customer.id < ident)
        found += await session.scalars(silent.limit(size + 1 - len(found)))
    more = len(found) > size
    return CustomerPage(
        lines=tuple(await lines(session, found[:size])), next_cursor=_write_cursor(found[size - 1]) if more else ""
    )


def _contacted(fits: ColumnElement[bool], at: datetime | None, ident: int | None) -> Select[Customer]:
    statement = select(Customer).where(fits, Customer.last_contact_at.is_not(None))
    if at is not None:
        same = and_(Customer.last_contact_at == at, Customer.id < ident)
        statement = statement.where(or_(Customer.last_contact_at < at, same))
    return statement.order_by(Customer.last_contact_at.desc(), Customer.id.desc())


async def lines_of(session: AsyncSession, ids: Sequence[int], *, reach: Reach = EVERYTHING) -> list[CustomerLine]:
    """The living customers of these, in the given order."""
    living = (Customer.merged_into_id.is_(None), reach.condition(Customer.dealer_id))
    rows = await session.scalars(select(Customer).where(Customer.id.in_(ids), *living))
    found = {customer.id: customer for customer in rows}
    return await lines(session, [found[ident] for ident in ids if ident in found])


async def lines(session: AsyncSession, customers: Sequence[Customer]) -> list[CustomerLine]:
    """The same customers with what a list shows beside them, in four questions however many they are."""
    ids = [customer.id for customer in customers]
    dealers = {customer.dealer_id for customer in customers if customer.dealer_id}
    named = await session.execute(select(Dealer.id, Dealer.short_name).where(Dealer.id.in_(dealers)))
    dealer_names = {row.id: row.short_name for row in named}
    counted = await session.execute(
        select(Case.customer_id, func.count())
        .where(Case.customer_id.in_(ids), Case.closed_at.is_(None))
        .group_by(Case.customer_id)
    )
    cases = {row[0]: row[1] for row in counted}
    counts, plates = await _vehicles(session, ids)
    return [
        CustomerLine(
            customer=customer,
            dealer=dealer_names.get(customer.dealer_id or 0, ""),
            vehicles=tuple(plates.get(customer.id, ()))[:3],
            vehicle_count=counts.get(customer.id, 0),
            open_cases=cases.get(customer.id, 0),
        )
        for customer in customers
    ]


async def _vehicles(
    session: AsyncSession, ids: Sequence[int]
) -> tuple[dict[int, int], dict[int, dict[tuple[str, str], None]]]:
    counted = await session.execute(
        select(VehicleRole.customer_id, func.count(VehicleRole.vehicle_id.distinct()))
        .where(VehicleRole.customer_id.in_(ids))
        .group_by(VehicleRole.customer_id)
    )
    counts = {row[0]: row[1] for row in counted}
    # A fleet's plates would drown the others': its line tells the count.
    few = [ident for ident, count in counts.items() if count <= 20]
    rows = await session.execute(
        select(VehicleRole.customer_id, Vehicle.plate, Vehicle.model)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(VehicleRole.customer_id.in_(few))
        .order_by(Vehicle.sold_on.desc(), Vehicle.id)
        .limit(_PLATES_READ)
    )
    plates: dict[int, dict[tuple[str, str], None]] = {}
    for customer_id, plate, model in rows:
        plates.setdefault(customer_id, {})[plate, model] = None
    return counts, plates


def _conditions(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    texts = (
        (Customer.customer_class, wanted.customer_class),
        (Customer.life_cycle_stage, wanted.stage),
        (Customer.kind, wanted.kind),
    )
    conditions: list[ColumnElement[bool]] = [column == storable(text, 20) for column, text in texts if text]
    if wanted.dealer_id is not None:
        conditions.append(Customer.dealer_id == wanted.dealer_id)
    return conditions


def _write_cursor(last: Customer) -> str:
    at = f"{instant(last.last_contact_at) * 1_000_000:.0f}" if last.last_contact_at else ""
    return f"{at}~{last.id}"


def _read_cursor(cursor: str) -> tuple[datetime | None, int]:
    try:
        microseconds, ident = cursor.split("~", 1)
        if not ident.isdecimal() or len(ident) > 18:
            raise ValueError(ident)
        return (from_instant(int(microseconds) / 1_000_000) if microseconds else None), int(ident)
    except (ValueError, OverflowError, OSError) as unusable:
        raise Invalid("This place in the list is unknown. Start from the top.", field="cursor") from unusable
