"""Editing a customer's data: nothing wrong is kept, nobody overwrites a colleague, everything can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.chain import verify
from crm_core.access.model import AuditEntry
from crm_core.access.reach import Reach
from crm_core.customers.editing import ChangedMeanwhile, changes_of, save, undo
from crm_core.customers.lists import CustomerFilter, customer_page, lines_of
from crm_core.customers.model import Customer, CustomerPhone, CustomerProfile
from crm_core.customers.part_states import read_state
from crm_core.customers.parts import Part, clean, fingerprint
from crm_core.customers.seen import recently_seen, see, show_number
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.vehicles.model import VehicleRole
from crm_core.workforce.fields import Unusable
from tests.unit.crm_core.builders import NOW, a_customer, a_dealer, a_vehicle, an_open_case

BY: dict[str, Any] = {"actor": "1018", "at": NOW}
MINE = "+8613843107706"


async def state_of(session: AsyncSession, customer: Customer, part: Part) -> dict[str, Any]:
    return await read_state(session, customer, part)


async def saved(session: AsyncSession, customer: Customer, part: Part, typed: dict[str, Any]):
    base = fingerprint(await read_state(session, customer, part, vehicle_id=typed.get("vehicle_id", 0)))
    return await save(session, customer.id, part, typed, base=base, **BY)


async def test_a_number_is_added_checked_and_taken_back(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session, "陈建国", MINE)
        typed = await state_of(session, chen, Part.CONTACT)
        typed["phones"].append({"value": "0431 8486 3318", "label": "family", "verified_at": "1"})
        change = await saved(session, chen, Part.CONTACT, typed)
        after = await state_of(session, chen, Part.CONTACT)
        await undo(session, change.id, **BY)
        back = await state_of(session, chen, Part.CONTACT)
    assert [row["value"] for row in after["phones"]] == [MINE, "+8643184863318"]
    assert [bool(row["verified_at"]) for row in after["phones"]] == [False, True]
    assert [row["value"] for row in back["phones"]] == [MINE]


async def test_the_second_of_two_who_save_is_told_and_loses_nothing_of_the_first(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session)
        typed = await state_of(session, chen, Part.PERSON)
        base = fingerprint(typed)
        await save(session, chen.id, Part.PERSON, {**typed, "preference": "请发短信"}, base=base, **BY)
    with pytest.raises(ChangedMeanwhile) as told:
        async with db.begin() as session:
            await save(session, chen.id, Part.PERSON, {**typed, "city": "长春"}, base=base, actor="1019", at=NOW)
    async with db.begin() as session:
        kept = await session.get(Customer, chen.id)
    assert told.value.by == "1018"
    assert (kept.preference, kept.city) == ("请发短信", "")


async def test_an_unchanged_save_leaves_updated_at_as_it_was(db: Database):
    before = NOW - timedelta(days=3)
    async with db.begin() as session:
        chen = await a_customer(session, "陈建国", MINE, updated_at=before)
        for part in (Part.PERSON, Part.CONTACT):
            assert await saved(session, chen, part, await state_of(session, chen, part)) is None
    async with db.begin() as session:
        assert (await session.get_one(Customer, chen.id)).updated_at == before
        typed = {**await state_of(session, chen, Part.PERSON), "city": "长春"}
        assert await saved(session, chen, Part.PERSON, typed)
        assert (await session.get_one(Customer, chen.id)).updated_at == NOW
        assert len(await changes_of(session, chen.id)) == 1


async def test_two_who_edit_different_parts_do_not_disturb_each_other(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session, "陈建国", MINE)
        contact, person = [await state_of(session, chen, part) for part in (Part.CONTACT, Part.PERSON)]
        bases = fingerprint(contact), fingerprint(person)
        contact["addresses"] = [{"street": "朝阳区同志街 1 号", "city": "长春"}]
        assert await save(session, chen.id, Part.CONTACT, contact, base=bases[0], **BY)
        assert await save(session, chen.id, Part.PERSON, {**person, "city": "长春"}, base=bases[1], **BY)


async def test_every_wrong_field_is_named_at_once_and_nothing_is_half_written(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session, "陈建国", MINE)
        typed = {
            "phones": [{"value": "12"}, {"value": MINE}, {"value": "13843107706"}],
            "handles": [{"kind": "email", "value": "<script>"}, {"kind": "wechat", "value": "x"}],
        }
        with pytest.raises(Unusable) as told:
            await saved(session, chen, Part.CONTACT, typed)
        numbers = list(await session.scalars(select(CustomerPhone.e164)))
    assert set(told.value.by_field) == {"phones.0.value", "phones.2.value", "handles.0.value", "handles.1.value"}
    assert numbers == [MINE]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "甲" * 81}, "name"),
        ({"name": "甲", "birth_year": "1800"}, "birth_year"),
        ({"name": "甲", "birth_year": "１９８０"}, "birth_year"),
        ({"name": "甲", "gender": "'; DROP TABLE customer"}, "gender"),
        ({"name": "甲", "dealer_id": "99999999999999999999"}, "dealer_id"),
    ],
)
def test_what_cannot_be_a_persons_data_is_refused(typed: dict[str, Any], field: str):
    with pytest.raises(Unusable) as told:
        clean(Part.PERSON, typed, this_year=2026)
    assert list(told.value.by_field) == [field]


async def test_hostile_text_is_kept_as_text(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session)
        typed = {"name": "Robert'); DROP TABLE customer;--\0", "preference": "<script>alert(1)</script>\ud800"}
        await saved(session, chen, Part.PERSON, typed)
        kept = await session.get(Customer, chen.id)
    assert kept.name == "Robert'); DROP TABLE customer;--"
    assert kept.preference.startswith("<script>")


async def test_a_form_cannot_take_the_rows_of_another_customer(db: Database):
    async with db.begin() as session:
        chen, li = await a_customer(session, "陈建国", MINE), await a_customer(session, "李敏", "+8613944085217")
        foreign = (await state_of(session, li, Part.CONTACT))["phones"][0]
        await saved(session, chen, Part.CONTACT, {"phones": [foreign]})
        kept = await state_of(session, li, Part.CONTACT)
    assert kept["phones"] == [foreign]


async def test_a_changed_number_is_no_longer_verified(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session, "陈建国", MINE)
        typed = await state_of(session, chen, Part.CONTACT)
        typed["phones"][0]["verified_at"] = "1"
        await saved(session, chen, Part.CONTACT, typed)
        first = await state_of(session, chen, Part.CONTACT)
        later: dict[str, Any] = {"actor": "1018", "at": NOW + timedelta(days=9)}
        await save(
            session, chen.id, Part.CONTACT, first | {"addresses": [{"street": "x"}]}, base=fingerprint(first), **later
        )
        second = await state_of(session, chen, Part.CONTACT)
        changed = {**second["phones"][0], "value": "13944085217", "verified_at": ""}
        await saved(session, chen, Part.CONTACT, second | {"phones": [changed]})
        third = await state_of(session, chen, Part.CONTACT)
    assert first["phones"][0]["verified_at"] == second["phones"][0]["verified_at"] != ""
    assert third["phones"][0]["verified_at"] == ""


async def test_a_profile_of_a_person_and_of_a_company_is_kept(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session)
        typed = {
            "income": "200k_500k",
            "occupation": "教师",
            "household_size": "3",
            "employees": "",
            "annual_sales_wan": "1200",
            "competitors": "看过竞品 B7",
        }
        change = await saved(session, chen, Part.PROFILE, typed)
        kept = await session.get(CustomerProfile, chen.id)
        assert (kept.income, kept.household_size, kept.employees, kept.annual_sales_wan) == ("200k_500k", 3, None, 1200)
        assert await saved(session, chen, Part.PROFILE, typed) is None
        await undo(session, change.id, **BY)
        assert (await session.get(CustomerProfile, chen.id, populate_existing=True)).income == ""


async def test_buyer_user_and_driver_are_kept_apart(db: Database):
    async with db.begin() as session:
        chen, wife = await a_customer(session, "陈建国"), await a_customer(session, "刘敏")
        car = await a_vehicle(session, chen)
        await saved(session, wife, Part.ROLES, {"vehicle_id": car.id, "roles": ["user"]})
        change = await saved(session, chen, Part.ROLES, {"vehicle_id": car.id, "roles": ["buyer"]})
        rows = (await session.execute(select(VehicleRole.customer_id, VehicleRole.role))).all()
        assert sorted(tuple(row) for row in rows) == [(chen.id, "buyer"), (wife.id, "user")]
        await undo(session, change.id, **BY)
        assert await session.scalar(select(func.count()).where(VehicleRole.customer_id == chen.id)) == 2
        with pytest.raises(Invalid):
            await saved(session, chen, Part.ROLES, {"vehicle_id": 4_000_000, "roles": ["buyer"]})


async def test_a_related_person_who_is_a_customer_is_linked_by_the_number(db: Database):
    async with db.begin() as session:
        chen, wife = await a_customer(session, "陈建国"), await a_customer(session, "刘敏", "+8613944085217")
        typed = {"relations": [{"name": "刘敏", "relation": "spouse", "number": "13944085217"}]}
        await saved(session, chen, Part.RELATIONS, typed)
        kept = await state_of(session, chen, Part.RELATIONS)
    assert kept["relations"][0]["other_id"] == wife.id


async def test_a_change_that_was_changed_again_cannot_be_taken_back(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session)
        typed = await state_of(session, chen, Part.PERSON)
        first = await saved(session, chen, Part.PERSON, {**typed, "city": "长春"})
        await saved(session, chen, Part.PERSON, {**typed, "city": "吉林"})
        with pytest.raises(Refused):
            await undo(session, first.id, **BY)
        with pytest.raises(NotFound):
            await undo(session, 4_000_000, **BY)
        assert [change.part for change in await changes_of(session, chen.id)] == ["person", "person"]


async def test_a_customer_beyond_the_reach_or_merged_away_cannot_be_edited(db: Database):
    async with db.begin() as session:
        dealer = await a_dealer(session)
        chen = await a_customer(session, dealer_id=dealer.id)
        gone = await a_customer(session, "陈建囯", merged_into_id=chen.id)
        base = fingerprint(await state_of(session, chen, Part.PERSON))
        for customer_id, reach in ((chen.id, Reach(frozenset({99}))), (gone.id, Reach(None)), (4_000_000, Reach(None))):
            with pytest.raises(NotFound):
                await save(session, customer_id, Part.PERSON, {"name": "x"}, base=base, reach=reach, **BY)


async def test_a_look_at_a_customer_is_noted_once_in_ten_minutes_a_number_each_time(db: Database):
    async with db.begin() as session:
        chen, li = await a_customer(session, "陈建国", MINE), await a_customer(session, "李敏")
        looks = [await see(session, chen.id, actor="1018", at=NOW + timedelta(minutes=m)) for m in (0, 5, 11)]
        assert await see(session, chen.id, actor="1019", at=NOW)
        await see(session, li.id, actor="1018", at=NOW + timedelta(minutes=12))
        phone = await session.scalar(select(CustomerPhone))
        for _ in range(2):
            assert (await show_number(session, phone.id, actor="1018", at=NOW)).e164 == MINE
        with pytest.raises(NotFound):
            await show_number(session, phone.id, actor="1018", at=NOW, reach=Reach(frozenset({99})))
        shown = await session.scalar(select(func.count()).where(AuditEntry.action == "number_shown"))
        assert (looks, shown) == ([True, False, True], 2)
        assert await recently_seen(session, "1018") == [li.id, chen.id]
        assert (await verify(session)).whole


async def test_a_list_is_paged_from_the_latest_contact_to_those_without_one(db: Database):
    async with db.begin() as session:
        everybody = []
        for place in range(12):
            at = NOW - timedelta(hours=place // 2) if place < 7 else None
            everybody.append(await a_customer(session, f"客户{place}", last_contact_at=at))
        await a_customer(session, "已并入", merged_into_id=everybody[0].id)
        found, cursor = [], ""
        while True:
            page = await customer_page(session, CustomerFilter(), cursor=cursor, limit=5)
            found += [line.customer.name for line in page.lines]
            cursor = page.next_cursor
            if not cursor:
                break
    order = [1, 0, 3, 2, 5, 4, 6, 11, 10, 9, 8, 7]
    assert found == [f"客户{place}" for place in order]


async def test_a_list_is_filtered_and_tells_vehicles_and_open_cases(db: Database):
    async with db.begin() as session:
        dealer = await a_dealer(session)
        chen = await a_customer(session, customer_class="vip", dealer_id=dealer.id, life_cycle_stage="stable")
        await a_customer(session, "李敏")
        await a_vehicle(session, chen)
        await an_open_case(session, chen, "GD-0716-0001")
        wanted = CustomerFilter(customer_class="vip", stage="stable", kind="person", dealer_id=dealer.id)
        (line,) = (await customer_page(session, wanted)).lines
        assert (line.vehicle_count, line.open_cases, line.vehicles[0][0]) == (1, 1, "吉AD30618")
        assert (await customer_page(session, wanted, reach=Reach(frozenset({99})))).lines == ()
        assert [one.customer.id for one in await lines_of(session, [4_000_000, chen.id])] == [chen.id]


@pytest.mark.parametrize("cursor", ["x", "~", "~x", "1~-2", "9" * 40 + "~1", "~" + "9" * 30])
async def test_a_hostile_place_in_the_list_is_refused(db: Database, cursor: str):
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await customer_page(session, CustomerFilter(customer_class="' OR 1=1"), cursor=cursor)
