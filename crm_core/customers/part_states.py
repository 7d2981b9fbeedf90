"""Reading a part of a customer's data as a state, and putting a state into the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import (
    Customer,
    CustomerAddress,
    CustomerHandle,
    CustomerPhone,
    CustomerProfile,
    CustomerRelation,
)
from crm_core.customers.parts import CHOICES, COMPANY_FIELDS, TEXTS, Part, State
from crm_core.customers.spelling import spelled
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid
from crm_core.vehicles.model import Vehicle, VehicleRole

_PERSON = (
    "name", "salutation", "gender", "birth_year", "city", "language", "preference", "brand", "kind", "dealer_id",
    "sales_consultant", "service_adviser",
)  # fmt: skip
_PROFILE = (*CHOICES, *TEXTS, "household_size", *COMPANY_FIELDS)
_ADDRESS = ("label", "province", "city", "street", "postcode")
_Table = type[CustomerPhone] | type[CustomerHandle] | type[CustomerAddress] | type[CustomerRelation]


async def read_state(session: AsyncSession, customer: Customer, part: Part, *, vehicle_id: int = 0) -> State:
    """The part as it stands; `vehicle_id` matters to the roles only."""
    match part:
        case Part.PERSON:
            return {field: getattr(customer, field) for field in _PERSON}
        case Part.CONTACT:
            return await _contact(session, customer.id)
        case Part.RELATIONS:
            return {"relations": [_of_relation(row) for row in await _rows(session, CustomerRelation, customer.id)]}
        case Part.PROFILE:
            profile = await session.get(CustomerProfile, customer.id)
            empty = CustomerProfile(**dict.fromkeys((*CHOICES, *TEXTS), ""))
            return {field: getattr(profile or empty, field) for field in _PROFILE}
        case Part.ROLES:
            return {"vehicle_id": vehicle_id, "roles": await _roles(session, customer.id, vehicle_id)}


async def write_state(session: AsyncSession, customer: Customer, part: Part, state: State, at: datetime) -> None:
    """Put a clean state into the tables. Raises Invalid for a dealer or vehicle that is not there."""
    match part:
        case Part.PERSON:
            await _write_person(session, customer, state)
        case Part.CONTACT:
            await _write_rows(session, CustomerPhone, customer.id, state["phones"], _phone_columns, at=at)
            await _write_rows(session, CustomerHandle, customer.id, state["handles"], _handle_columns, at=at)
            await _write_rows(session, CustomerAddress, customer.id, state["addresses"], _address_columns, at=at)
        case Part.RELATIONS:
            await _write_rows(session, CustomerRelation, customer.id, state["relations"], _relation_columns, at=at)
        case Part.PROFILE:
            await session.merge(CustomerProfile(customer_id=customer.id, **{field: state[field] for field in _PROFILE}))
        case Part.ROLES:
            await _write_roles(session, customer.id, state)
    await session.flush()


async def _contact(session: AsyncSession, customer_id: int) -> State:
    phones = await _rows(session, CustomerPhone, customer_id)
    handles = await _rows(session, CustomerHandle, customer_id)
    addresses = await _rows(session, CustomerAddress, customer_id)
    return {
        "phones": [{**_kept(row), "value": row.e164, "label": row.label, "note": row.note} for row in phones],
        "handles": [{**_kept(row), "kind": row.kind, "value": row.value} for row in handles],
        "addresses": [{**_kept(row), **{field: getattr(row, field) for field in _ADDRESS}} for row in addresses],
    }


def _kept(row: Any) -> State:
    return {"id": row.id, "verified_at": row.verified_at.isoformat() if row.verified_at else ""}


def _of_relation(row: Any) -> State:
    named = {"relation": row.relation, "name": row.name, "number": row.e164, "note": row.note}
    return {"id": row.id, "other_id": row.other_id, **named}


async def _rows(session: AsyncSession, table: Any, customer_id: int) -> Sequence[Any]:
    order = (table.position, table.id) if hasattr(table, "position") else (table.id,)
    mine = select(table).where(table.customer_id == customer_id).order_by(*order)
    return list(await session.scalars(mine.execution_options(populate_existing=True)))


async def _roles(session: AsyncSession, customer_id: int, vehicle_id: int) -> list[str]:
    mine = select(VehicleRole.role).where(VehicleRole.customer_id == customer_id, VehicleRole.vehicle_id == vehicle_id)
    return sorted(await session.scalars(mine))


async def _write_person(session: AsyncSession, customer: Customer, state: State) -> None:
    dealer_id = state["dealer_id"]
    if dealer_id is not None and await session.get(Dealer, dealer_id) is None:
        raise Invalid("There is no such dealer.", field="dealer_id")
    for field in _PERSON:
        setattr(customer, field, state[field])
    customer.name_pinyin = spelled(customer.name)


async def _write_rows(
    session: AsyncSession,
    table: _Table,
    customer_id: int,
    wanted: Sequence[State],
    columns: Callable[[State, int], State],
    *,
    at: datetime,
) -> None:
    """Rows are recognised by their id; one without a row of ours is new."""
    known = {row.id: row for row in await _rows(session, table, customer_id)}
    kept = {row["id"] for row in wanted}
    for gone in [row for ident, row in known.items() if ident not in kept]:
        await session.delete(gone)
    await session.flush()  # a number may move from a row that goes to one that comes
    for place, row in enumerate(wanted):
        values = columns(row, place)
        if "verified_at" in row:
            values["verified_at"] = _verified(row["verified_at"], at)
        found = known.get(row["id"]) if row["id"] is not None else None
        if found is None:
            session.add(table(customer_id=customer_id, **values))
        for field, value in values.items() if found is not None else ():
            setattr(found, field, value)


def _verified(word: str, at: datetime) -> datetime | None:
    try:
        return at if word == "now" else datetime.fromisoformat(word) if word else None
    except ValueError:
        return None


def _phone_columns(row: State, place: int) -> State:
    return {"e164": row["value"], "label": row["label"], "note": row["note"], "position": place}


def _handle_columns(row: State, place: int) -> State:
    return {"kind": row["kind"], "value": row["value"], "position": place}


def _address_columns(row: State, place: int) -> State:
    return {**{field: row[field] for field in _ADDRESS}, "position": place}


def _relation_columns(row: State, _place: int) -> State:
    named = {"relation": row["relation"], "name": row["name"], "e164": row["number"], "note": row["note"]}
    return {"other_id": row["other_id"], **named}


async def _write_roles(session: AsyncSession, customer_id: int, state: State) -> None:
    vehicle_id = state["vehicle_id"]
    if await session.get(Vehicle, vehicle_id) is None:
        raise Invalid("There is no such vehicle.", field="vehicle")
    mine = (VehicleRole.customer_id == customer_id, VehicleRole.vehicle_id == vehicle_id)
    await session.execute(delete(VehicleRole).where(*mine))
    session.add_all(VehicleRole(customer_id=customer_id, vehicle_id=vehicle_id, role=role) for role in state["roles"])
