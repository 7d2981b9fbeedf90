"""Two customers become one and two again, and no row is lost on the way."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, Float, Integer, String, Table, Text, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from crm_core.access.chain import verify
from crm_core.customers.identity_model import CustomerDuplicate, CustomerKey, DuplicateCheck
from crm_core.customers.merging import current_id, follow_up, merge, unmerge
from crm_core.customers.model import Customer, CustomerPhone, CustomerProfile, CustomerRelation
from crm_core.customers.ownership import STAYING, owned_columns
from crm_core.customers.queries import card, matches
from crm_core.customers.search import search
from crm_core.db import Database, UtcTime
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.model import Contact
from crm_core.integration.model import OutboxEvent
from crm_core.tables import METADATA
from crm_core.vehicles.model import VehicleRole
from tests.unit.crm_core.builders import NOW, a_contact, a_customer, a_vehicle, an_open_case

CHEN, HOME = "+8613843107706", "+8643184863318"
LATER = NOW + timedelta(days=1)
TOLD = {"audit_entry", "audit_head", "outbox_event", "job", "duplicate_check", "customer_duplicate"} | {
    "customer_merge",
    "customer_merge_row",
}
"""What tells of the merging itself, and may of course differ."""
LEADER: dict[str, Any] = {"actor": "2001"}


async def twice(session: AsyncSession) -> tuple[Customer, Customer]:
    """Chen Jianguo as the hotline knows him, and as the dealer does."""
    keep = await a_customer(session, "陈建国", CHEN, city="长春")
    drop = await a_customer(session, "陈健国", CHEN, f"family:{HOME}", birth_year=1979, value_yuan=684_000)
    return keep, drop


async def everything(session: AsyncSession) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that are not about merging."""
    found = {}
    for table in METADATA.sorted_tables:
        if table.name not in TOLD:
            columns = [column for column in table.columns if column.key != "updated_at"]
            rows = await session.execute(select(*columns).order_by(*table.primary_key))
            found[table.name] = [dict(row) for row in rows.mappings()]
    return found


def test_every_table_that_points_to_a_customer_is_moved_by_a_merge():
    covered = {(owned.table.name, owned.column.name) for owned in owned_columns(METADATA)}
    pointing = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if any(key.column.table.name == "customer" for key in column.foreign_keys)
    }
    assert pointing - covered == {
        ("customer", "merged_into_id"),
        ("customer_duplicate", "one_id"),
        ("customer_duplicate", "other_id"),
        ("customer_merge", "keep_id"),
        ("customer_merge", "drop_id"),
    }
    assert {"customer", "customer_duplicate", "customer_merge"} == STAYING
    named = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if column.name.endswith("customer_id") and not column.foreign_keys
    }
    assert named == {("duplicate_check", "customer_id")}, "a column that names a customer needs a foreign key"


async def test_the_other_customers_rows_become_the_kept_ones_and_the_other_is_found_no_more(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
        await a_vehicle(session, drop)
        await an_open_case(session, drop, "GD-0713-0183")
        await a_contact(session, "c1", drop, days_ago=1, agent="1018")
        await merge(session, keep.id, drop.id, **LEADER, at=NOW)
    async with db.begin() as session:
        facts = await card(session, keep.id, now=NOW)
        assert facts is not None
        assert [(phone.e164, phone.label) for phone in facts.phones] == [(CHEN, "mobile"), (HOME, "family")]
        assert [case.number for case in facts.open_cases] == ["GD-0713-0183"]
        assert (facts.vehicles[0].roles, facts.last_contacts[0].contact_id) == (("buyer", "user"), "c1")
        assert (facts.age, facts.city) == (47, "长春")
        assert await matches(session, CHEN) == await matches(session, HOME) == [keep.id]
        assert [hit.customer.customer_id for hit in await search(session, "陈健")] == []
        assert await current_id(session, drop.id) == keep.id
        told = list(await session.scalars(select(OutboxEvent)))
        assert [(event.kind, event.payload["into"]) for event in told] == [("customer.merged", keep.id)]
        assert (await verify(session)).whole


async def test_each_field_is_taken_from_the_chosen_side_and_gaps_are_filled(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
        session.add(CustomerProfile(customer_id=keep.id, occupation="教师"))
        session.add(CustomerProfile(customer_id=drop.id, occupation="医生", household_size=3))
        row = await merge(session, keep.id, drop.id, chosen={"name"}, **LEADER, at=NOW)
    async with db.begin() as session:
        one = await session.get_one(Customer, keep.id)
        assert (one.name, one.birth_year, one.city, one.value_yuan) == ("陈健国", 1979, "长春", 684_000)
        profile = await session.get_one(CustomerProfile, keep.id)
        assert (profile.occupation, profile.household_size) == ("教师", 3)
        await unmerge(session, row.id, **LEADER, at=LATER)
    async with db.begin() as session:
        one = await session.get_one(Customer, keep.id)
        assert (one.name, one.birth_year) == ("陈建国", None)
        assert (await session.get_one(CustomerProfile, drop.id)).occupation == "医生"


async def test_what_came_in_between_stays_with_the_kept_customer_and_is_told(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
        await a_contact(session, "before", drop, days_ago=1)
        row = await merge(session, keep.id, drop.id, **LEADER, at=NOW)
    async with db.begin() as session:
        await a_contact(session, "between", keep, days_ago=-0.5)
        (await session.get_one(Customer, keep.id)).birth_year = 1980  # corrected by an agent
        undone = await unmerge(session, row.id, **LEADER, at=LATER)
        assert (undone.given_back["contact"], undone.stayed) == (1, {"contact": 1})
    async with db.begin() as session:
        owners = {row[0]: row[1] for row in await session.execute(select(Contact.id, Contact.customer_id))}
        assert owners == {"before": drop.id, "between": keep.id}
        assert (await session.get_one(Customer, keep.id)).birth_year == 1980
        pair = (await session.scalars(select(CustomerDuplicate))).one()
        assert (pair.state, pair.decided_by) == ("refused", "2001")
        with pytest.raises(Refused):
            await unmerge(session, row.id, **LEADER, at=LATER)


async def test_a_call_that_began_before_the_merge_is_brought_along_and_given_back(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
        row = await merge(session, keep.id, drop.id, **LEADER, at=NOW)
    async with db.begin() as session:
        await a_contact(session, "late", drop, days_ago=0)
        assert await follow_up(session, NOW - timedelta(days=1)) == 1
        assert (await session.get_one(Contact, "late")).customer_id == keep.id
        await unmerge(session, row.id, **LEADER, at=LATER)
        assert (await session.get_one(Contact, "late")).customer_id == drop.id


async def test_merges_of_merges_come_apart_in_reverse_order(db: Database):
    async with db.begin() as session:
        first, second = await twice(session)
        third = await a_customer(session, "陈建国", HOME)
        before = await everything(session)
        one = await merge(session, first.id, second.id, **LEADER, at=NOW)
        two = await merge(session, third.id, first.id, **LEADER, at=NOW)
        assert await current_id(session, second.id) == third.id
        with pytest.raises(Refused, match="merged into another"):
            await unmerge(session, one.id, **LEADER, at=LATER)
        with pytest.raises(Refused):
            await merge(session, third.id, second.id, **LEADER, at=NOW)
        await unmerge(session, two.id, **LEADER, at=LATER)
        await unmerge(session, one.id, **LEADER, at=LATER)
        assert await everything(session) == before


async def test_two_merges_into_one_customer_come_apart_in_any_order(db: Database):
    async with db.begin() as session:
        keep, second = await twice(session)
        third = await a_customer(session, "陈建国", "+8613900000001", gender="male", value_yuan=1_000)
        before = await everything(session)
        one = await merge(session, keep.id, second.id, **LEADER, at=NOW)
        two = await merge(session, keep.id, third.id, chosen={"birth_year"}, **LEADER, at=NOW)
        await unmerge(session, one.id, **LEADER, at=LATER)
        await unmerge(session, two.id, **LEADER, at=LATER)
        assert await everything(session) == before


async def test_a_hostile_or_foreign_id_merges_nobody(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
        for wrong, refusal in (((keep.id, keep.id), Invalid), ((keep.id, 99_999), NotFound), ((0, drop.id), NotFound)):
            with pytest.raises(refusal):
                await merge(session, *wrong, **LEADER, at=NOW)
        with pytest.raises(Invalid):
            await merge(session, keep.id, drop.id, chosen={"id; DROP TABLE customer"}, **LEADER, at=NOW)
        with pytest.raises(NotFound):
            await unmerge(session, 99, **LEADER, at=NOW)
        assert drop.merged_into_id is None


async def filled(session: AsyncSession, customers: list[int], dice: Random) -> None:
    """Some rows for these customers in every table that points to one; many of them alike, so that they collide."""
    key = CustomerKey(customer_id=dice.choice(customers), system="dms", key="K1")
    session.add_all([key, CustomerRelation(customer_id=customers[0], other_id=customers[1], relation="spouse")])
    await session.flush()
    for number, owned in enumerate(owned_columns(METADATA)):
        for customer_id in customers:
            for copy in range(dice.randint(0, 2)):
                values = _some_values(owned.table, f"{number}-{customer_id}-{copy}", dice)
                try:
                    async with session.begin_nested():
                        await session.execute(insert(owned.table).values({**values, owned.column.name: customer_id}))
                except IntegrityError:  # two rows that must differ were alike
                    continue


def _some_values(table: Table, word: str, dice: Random) -> dict[str, Any]:
    """The least that the table takes."""
    values: dict[str, Any] = {}
    for column in table.columns:
        numbered = column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys
        if column.computed is None and not numbered and not column.nullable:
            once = isinstance(column.type, String) and bool(
                column.unique or column.primary_key or column.name in ("subject", "number")
            )
            values[column.name] = word if once else dice.choice(_example(column.type))
    return values


def _example(kind: TypeEngine[Any]) -> list[Any]:
    return next(examples for known, examples in _EXAMPLES.items() if isinstance(kind, known))


_EXAMPLES: dict[type, list[Any]] = {
    String: ["a", "b"],
    Text: ["a", "b"],
    Integer: [1],
    Boolean: [True, False],
    Float: [1.5],
    Date: [date(2026, 7, 1)],
    UtcTime: [NOW - timedelta(days=9)],
    JSON: [{}, {"a": ["b"]}],
}


@pytest.mark.parametrize("seed", range(4))
async def test_a_merge_and_its_undoing_leave_every_table_as_it_was(db: Database, seed: int):
    dice = Random(seed)
    async with db.begin() as session:
        keep, drop = await twice(session)
        third = await a_customer(session, "刘敏", HOME)
        await a_vehicle(session, drop)
        await filled(session, [keep.id, drop.id, third.id], dice)
        before = await everything(session)
        assert sum(map(len, before.values())) > 40
        chosen = dice.sample(("name", "city", "birth_year", "customer_class"), dice.randint(0, 4))
        row = await merge(session, keep.id, drop.id, chosen=chosen, **LEADER, at=NOW)
        for owned in owned_columns(METADATA):
            left = await session.scalar(select(owned.column).where(owned.column == drop.id).limit(1))
            assert left is None, owned
        await unmerge(session, row.id, **LEADER, at=LATER)
        after = await everything(session)
    for name, rows in after.items():
        assert rows == before[name], name


async def test_a_role_to_the_same_car_is_there_once_and_comes_back(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
        car = await a_vehicle(session, keep)
        session.add(VehicleRole(vehicle_id=car.id, customer_id=drop.id, role="buyer"))
        row = await merge(session, keep.id, drop.id, **LEADER, at=NOW)
        roles = select(VehicleRole.customer_id, VehicleRole.role).order_by(VehicleRole.id)
        assert (await session.execute(roles)).all() == [(keep.id, "buyer"), (keep.id, "user")]
        await unmerge(session, row.id, **LEADER, at=LATER)
        assert (drop.id, "buyer") in (await session.execute(roles)).all()


async def test_who_was_merged_is_compared_again_and_the_kept_ones_number_stays_the_first(db: Database):
    async with db.begin() as session:
        keep, drop = await twice(session)
    async with db.begin() as session:
        await session.execute(delete(DuplicateCheck))
        await merge(session, keep.id, drop.id, **LEADER, at=NOW)
    async with db.begin() as session:
        assert keep.id in (await session.scalars(select(DuplicateCheck.customer_id))).all()
        phones = (await session.scalars(select(CustomerPhone).order_by(CustomerPhone.position))).all()
        assert [phone.position for phone in phones] == [0, 2]
