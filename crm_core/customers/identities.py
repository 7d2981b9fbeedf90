"""What customers.matching compares, read for many customers at once; and which customers are worth comparing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.customers.matching import SHARED_LABELS, Identity
from crm_core.customers.model import Customer, CustomerAddress, CustomerHandle, CustomerPhone
from crm_core.vehicles.model import Vehicle, VehicleRole

LARGEST_BLOCK = 30
"""What more customers share is no clue: a switchboard's number, a frequent name. So a block costs at most 30 x 30."""
_AT_ONCE = 900  # SQLite's oldest limit of parameters is 999

Pair = tuple[int, int]


async def identities(session: AsyncSession, ids: Collection[int]) -> dict[int, Identity]:
    """By id; a customer who was merged away or is unknown is not in it."""
    found: dict[int, Identity] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _AT_ONCE):
        found |= await _some(session, wanted[start : start + _AT_ONCE])
    return found


async def _some(session: AsyncSession, ids: Sequence[int]) -> dict[int, Identity]:
    columns = (Customer.id, Customer.kind, Customer.name, Customer.name_pinyin, Customer.gender, Customer.salutation)
    rows = await session.execute(
        select(*columns, Customer.birth_year, Customer.city).where(
            Customer.id.in_(ids), Customer.merged_into_id.is_(None)
        )
    )
    more: dict[int, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for customer_id, field, value in [fact async for fact in _facts(session, ids)]:
        more[customer_id][field].add(value)
    return {
        row[0]: Identity(
            customer_id=row[0],
            kind=row[1],
            name=row[2],
            pinyin=row[3],
            gender=row[4],
            salutation=row[5],
            birth_year=row[6],
            city=row[7],
            **{field: frozenset(values) for field, values in more[row[0]].items()},
        )
        for row in rows
    }


async def _facts(session: AsyncSession, ids: Sequence[int]) -> Any:
    phones = select(CustomerPhone.customer_id, CustomerPhone.e164, CustomerPhone.label)
    for customer_id, e164, label in await session.execute(phones.where(CustomerPhone.customer_id.in_(ids))):
        yield customer_id, "shared" if label in SHARED_LABELS else "numbers", e164
    handles = select(CustomerHandle.customer_id, CustomerHandle.kind, CustomerHandle.value)
    for customer_id, kind, value in await session.execute(handles.where(CustomerHandle.customer_id.in_(ids))):
        yield customer_id, "handles", f"{kind}:{value.lower()}"
    cars = (
        select(VehicleRole.customer_id, VehicleRole.role, Vehicle.vin, Vehicle.plate)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(VehicleRole.customer_id.in_(ids))
    )
    for customer_id, role, vin, plate in await session.execute(cars):
        yield customer_id, "vehicles", (vin, role)
        yield customer_id, "plates", plate
    streets = select(CustomerAddress.customer_id, CustomerAddress.street)
    for customer_id, street in await session.execute(streets.where(CustomerAddress.customer_id.in_(ids))):
        yield customer_id, "streets", re.sub(r"\s", "", street)


async def pairs_of_range(session: AsyncSession, after: int, until: int) -> set[Pair]:
    """Every pair whose smaller id lies in (after, until] and which shares a number, car, plate, address or name."""
    found: set[Pair] = set()
    for statement in _blocks():
        one_id, other_id = statement.selected_columns
        rows = await session.execute(statement.where(one_id > after, one_id <= until, other_id > one_id))
        found.update((row[0], row[1]) for row in rows)
    return found


async def pairs_of(session: AsyncSession, ids: Collection[int]) -> set[Pair]:
    """Every such pair of one of these customers, at most 900, with anybody."""
    found: set[Pair] = set()
    for statement in _blocks():
        one_id, other_id = statement.selected_columns
        rows = await session.execute(statement.where(one_id.in_(ids), other_id != one_id))
        found.update((min(row[0], row[1]), max(row[0], row[1])) for row in rows)
    return found


def _blocks() -> Iterator[Select[int, int]]:
    """One statement for each thing that may be shared: who has it, and who else."""
    yield _sharing(CustomerPhone, CustomerPhone.e164)
    yield _sharing(CustomerHandle, CustomerHandle.value)
    yield _sharing(VehicleRole, VehicleRole.vehicle_id)
    yield _same_plate()
    yield _same_name(Customer.birth_year)
    yield _same_name(Customer.city)


def _sharing(table: Any, column: Any) -> Select[int, int]:
    one, other, third = aliased(table), aliased(table), aliased(table)
    key = column.key
    few = select(func.count()).where(getattr(third, key) == getattr(one, key)).scalar_subquery()
    return (
        select(one.customer_id, other.customer_id)
        .join(other, getattr(other, key) == getattr(one, key))
        .where(few <= LARGEST_BLOCK)
    )


def _same_plate() -> Select[int, int]:
    one, other = aliased(Vehicle), aliased(Vehicle)
    role, role_of_other = aliased(VehicleRole), aliased(VehicleRole)
    return (
        select(role.customer_id, role_of_other.customer_id)
        .join(one, one.id == role.vehicle_id)
        .join(other, and_(other.plate == one.plate, other.id != one.id))
        .join(role_of_other, role_of_other.vehicle_id == other.id)
        .where(one.plate != "")
    )


def _same_name(beside: Any) -> Select[int, int]:
    """`beside` is what must agree, too: one spelling alone is shared by thousands."""
    one, other, third = aliased(Customer), aliased(Customer), aliased(Customer)
    key = beside.key

    def alike(some: Any) -> ColumnElement[bool]:
        return and_(some.name_pinyin == one.name_pinyin, getattr(some, key) == getattr(one, key))

    few = select(func.count()).where(alike(third)).scalar_subquery()
    known = getattr(one, key) != ("" if key == "city" else 0)
    statement = select(one.id, other.id).join(other, alike(other))
    return statement.where(one.name_pinyin != "", known, few <= LARGEST_BLOCK)
