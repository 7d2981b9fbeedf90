"""Who calls, what the card shows, and how a customer is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from crm_core.access.model import User
from crm_core.customers.actions import add_phone, block, create, remember_language, unblock
from crm_core.customers.last_contact import keep_last_contact
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.customers.queries import blocked, card, choices, matches, search
from crm_core.db import Database
from crm_core.errors import Invalid
from tests.unit.crm_core.builders import NOW, a_contact, a_customer, a_dealer, a_vehicle, an_open_case

FAMILY = "+8643184863318"
CHEN = "+8613843107706"


async def test_an_own_number_comes_before_a_familys_and_the_latest_contact_first(db: Database):
    async with db.begin() as session:
        old = await a_customer(session, "陈父", f"family:{FAMILY}")
        recent = await a_customer(session, "陈母", f"family:{FAMILY}")
        owner = await a_customer(session, "陈建国", FAMILY)
        for customer, days_ago in ((old, 30), (recent, 2)):
            contact = await a_contact(session, f"c{days_ago}", customer, days_ago=days_ago)
            await keep_last_contact(session, {customer.id: contact.started_at})  # as the history does with each contact
        assert await matches(session, FAMILY) == [owner.id, recent.id, old.id]
        assert await matches(session, "+8613000000000") == []


async def test_the_card_tells_everything_in_four_queries(db: Database):
    async with db.begin() as session:
        session.add(User(number="1018", name="林晓梅", password_hash="-", roles="agent"))
        dealer = await a_dealer(session)
        chen = await a_customer(session, "陈建国", CHEN, f"family:{FAMILY}", dealer_id=dealer.id, birth_year=1979)
        vehicle = await a_vehicle(session, chen)
        steps = '[{"name":"受理","done_on":"2026-07-13"},{"name":"待料","done_on":null}]'
        await an_open_case(session, chen, "GD-0715-0047", title="索取手册")
        due = NOW + timedelta(hours=7)
        await an_open_case(session, chen, "GD-0713-0183", due_at=due, steps=steps, dealer_id=dealer.id)
        await an_open_case(session, chen, "GD-0601-0001", closed_at=NOW)
        await a_contact(session, "c0", chen, days_ago=100, agent="1018")
        for number in range(6):
            await a_contact(session, f"c{number + 1}", chen, days_ago=number + 1, agent="1018", note=f"{number}")
    asked: list[str] = []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    async with db.begin() as session:
        facts = await card(session, chen.id, now=NOW)
        nobody = await card(session, 99_999, now=NOW)

    assert nobody is None
    assert facts is not None
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 5  # the last is nobody's
    assert (facts.name, facts.age, facts.dealer_short) == ("陈建国", 47, "金达远辰")
    assert [(phone.e164, phone.label) for phone in facts.phones] == [(CHEN, "mobile"), (FAMILY, "family")]
    assert [(v.vehicle_id, v.plate, v.roles) for v in facts.vehicles] == [(vehicle.id, "吉AD30618", ("buyer", "user"))]
    assert [case.number for case in facts.open_cases] == ["GD-0713-0183", "GD-0715-0047"]
    assert [(step.name, step.done_on is None) for step in facts.open_cases[0].steps] == [
        ("受理", False),
        ("待料", True),
    ]
    assert [contact.contact_id for contact in facts.last_contacts] == ["c1", "c2", "c3", "c4", "c5"]
    assert facts.last_contacts[0].talk_seconds == 60.0
    assert (facts.last_agent, facts.last_agent_name, facts.contacts_90_days) == ("1018", "林晓梅", 6)


async def test_a_card_shows_even_with_nothing_but_a_name(db: Database):
    async with db.begin() as session:
        somebody = await a_customer(session, "新客户")
        await an_open_case(session, somebody, "GD-0713-0001", steps="damaged")
        facts = await card(session, somebody.id, now=NOW)
    assert facts is not None
    assert (facts.phones, facts.vehicles, facts.last_contacts, facts.last_agent) == ((), (), (), "")
    assert facts.open_cases[0].steps == ()


async def test_of_many_matches_five_are_offered_with_the_vehicles_that_tell_them_apart(db: Database):
    async with db.begin() as session:
        people = [await a_customer(session, f"王{number}") for number in range(7)]
        await a_vehicle(session, people[2], "吉A7K28M")
        offered = await choices(session, [person.id for person in reversed(people)])
    assert [choice.name for choice in offered] == ["王6", "王5", "王4", "王3", "王2"]
    assert offered[4].vehicles == (("吉A7K28M", "远辰 E6 四驱"),)


@pytest.mark.parametrize(
    ("typed", "found_by"),
    [
        ("138 4310 7706", "number"),
        ("7706", "number"),
        ("吉A·D30618", "plate"),
        ("吉ad306", "plate"),
        ("P0012847", "vin"),
        ("陈建", "name"),
        ("cjg", "name"),
        ("chenjian", "name"),
        ("GD-0713-0183", "case"),
        ("0713-0183", "case"),
    ],
)
async def test_one_field_finds_a_customer_by_what_people_say(db: Database, typed: str, found_by: str):
    async with db.begin() as session:
        chen = await create(session, name="陈建国", number=CHEN, actor="1018", at=NOW)
        await a_vehicle(session, chen, vin="LYHEA6B17P0012847")
        await an_open_case(session, chen, "GD-0713-0183")
        await a_customer(session, "别人", "+8613000000001")
        hits = await search(session, typed)
    assert [(hit.customer.name, hit.found_by) for hit in hits] == [("陈建国", found_by)]


async def test_percent_signs_and_short_words_find_nobody(db: Database):
    async with db.begin() as session:
        await a_customer(session, "陈建国", CHEN)
        for typed in ("", "陈", "%%", "_%", "'; --"):
            assert await search(session, typed) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=30))
async def test_no_text_breaks_the_search(db: Database, typed: str):
    async with db.begin() as session:
        assert await search(session, typed) == []


async def test_a_new_customer_is_recognised_at_the_next_call(db: Database):
    async with db.begin() as session:
        made = await create(session, name=" 陈 建国 ", number="138 4310 7706", actor="1018", at=NOW)
        await add_phone(session, made.id, "0431 8486 3318", label="family", actor="1018", at=NOW)
        await add_phone(session, made.id, "0431-84863318", actor="1018", at=NOW)
        await remember_language(session, made.id, "en")
    async with db.begin() as session:
        assert await matches(session, CHEN) == [made.id]
        assert await matches(session, FAMILY) == [made.id]
        assert len(list(await session.scalars(select(CustomerPhone)))) == 2
        assert (await session.get_one(Customer, made.id)).language == "en"


@pytest.mark.parametrize(
    ("name", "number", "field"), [("", CHEN, "name"), ("陈建国", "10086", "number"), ("x" * 90, CHEN, "name")]
)
async def test_a_form_that_cannot_be_used_names_the_field(db: Database, name: str, number: str, field: str):
    async with db.begin() as session:
        with pytest.raises(Invalid) as refused:
            await create(session, name=name, number=number, actor="1018", at=NOW)
    assert refused.value.values["field"] == field


async def test_a_blocked_number_stays_blocked_until_it_is_freed(db: Database):
    async with db.begin() as session:
        await block(session, "13843107706", reason="骚扰", actor="2001", at=NOW)
        await block(session, CHEN, reason="再次骚扰", actor="2001", at=NOW)
    async with db.begin() as session:
        assert await blocked(session, CHEN)
        await unblock(session, CHEN, actor="2001", at=NOW)
    async with db.begin() as session:
        assert not await blocked(session, CHEN)
