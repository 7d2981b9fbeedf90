"""Who calls is proven by plate or PIN; whoever guesses learns nothing and soon has no more tries."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from crm_core.access.passwords import check
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.errors import Invalid
from crm_core.self_service.acts import proven
from crm_core.self_service.identity import fits_plate, set_pin
from tests.unit.crm_core.builders import NOW, a_customer, a_vehicle
from tests.unit.crm_core.menu_desk import OWN, STRANGE, MenuDesk


async def a_driver(db: Database, name: str = "陈建国", number: str = OWN, plate: str = "吉AD30618") -> int:
    async with db.begin() as session:
        customer = await a_customer(session, name, number)
        await a_vehicle(session, customer, plate)
        return customer.id


@pytest.mark.parametrize("number", ["+8613843107706", "13843107706", "008613843107706"])
async def test_the_last_four_digits_of_the_plate_prove_who_calls(db: Database, number: str):
    driver, desk = await a_driver(db), MenuDesk(db)
    assert (await desk.identified("0618", number=number)).result == "right"
    async with db.begin() as session:
        known = await proven(session, "c1")
    assert known is not None
    assert known.customer_id == driver
    assert known.vehicle_id is not None


@pytest.mark.parametrize(
    ("number", "proof"),
    [(OWN, "9999"), (OWN, ""), (OWN, "618"), (OWN, "30619"), (STRANGE, "0618"), ("", "0618"), ("anonymous", "0618")],
)
async def test_a_wrong_number_and_a_wrong_plate_are_told_in_the_same_words(db: Database, number: str, proof: str):
    await a_driver(db)
    answer = await MenuDesk(db).identified(proof, number=number)
    assert (answer.result, answer.facts) == ("wrong", {})


async def test_a_wrong_number_and_a_wrong_proof_cost_the_same_work_so_that_no_time_tells_them_apart(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    driver, desk, work = await a_driver(db), MenuDesk(db), []
    async with db.begin() as session:
        await set_pin(session, driver, "804213", actor="1001", at=NOW)
    monkeypatch.setattr("crm_core.self_service.identity.check", counted(work))
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *_: work.append("statement"))
    for proof in ("111222", "0000"):
        spent = []
        for number in (OWN, STRANGE):
            work.clear()
            assert (await desk.identified(proof, number=number, call=number + proof)).result == "wrong"
            spent.append(Counter(work))
        assert spent[0] == spent[1]
        assert spent[0]["hash"] == (3 if len(proof) == 6 else 0)


def counted(work: list[str]):
    async def checked(pin: str, stored: str | None) -> tuple[bool, str | None]:
        work.append("hash")
        return await check(pin, stored)

    return checked


async def test_the_fourth_try_of_a_call_is_refused_even_if_it_is_right(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    told = [(await desk.identified(proof)).result for proof in ("1111", "2222", "3333", "0618")]
    assert told == ["wrong", "wrong", "wrong", "no_more"]


async def test_a_number_has_three_wrong_tries_a_day_over_all_its_calls_and_three_new_ones_tomorrow(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    for turn in range(3):
        assert (await desk.identified("1111", call=f"c{turn}")).result == "wrong"
    assert (await desk.identified("0618", call="c9")).result == "no_more"
    assert (await desk.identified("0618", call="s1", number=STRANGE)).result == "wrong"
    desk.at = NOW + timedelta(days=1)
    assert (await desk.identified("0618", call="c10")).result == "right"


async def test_who_is_right_uses_up_no_try(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    assert {(await desk.identified("0618", call=f"c{turn}")).result for turn in range(6)} == {"right"}


async def test_twenty_calls_at_once_have_no_more_tries_than_one(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    told = await asyncio.gather(*(desk.identified(f"{turn:04}", call=f"c{turn}") for turn in range(20)))
    results = [answer.result for answer in told]
    assert results.count("wrong") <= 3
    assert set(results) <= {"wrong", "no_more", "unavailable"}


async def test_of_a_family_with_one_number_the_plate_tells_who_it_is(db: Database):
    async with db.begin() as session:
        for name, plate in (("陈建国", "吉AD30618"), ("王丽", "吉B77120")):
            await a_vehicle(session, await a_customer(session, name, f"family:{OWN}"), plate)
    desk = MenuDesk(db)
    await desk.identified("7120")
    async with db.begin() as session:
        known = await proven(session, "c1")
        assert known is not None
        assert (await session.get_one(Customer, known.customer_id)).name == "王丽"


async def test_a_pin_proves_who_calls_and_a_new_one_replaces_it(db: Database):
    driver, desk = await a_driver(db), MenuDesk(db)
    async with db.begin() as session:
        await set_pin(session, driver, "804213", actor="1001", at=NOW)
        await set_pin(session, driver, "913377", actor="1001", at=NOW)
    assert (await desk.identified("804213")).result == "wrong"
    assert (await desk.identified("913377")).result == "right"
    async with db.begin() as session:
        await set_pin(session, driver, "", actor="1001", at=NOW)
    assert (await desk.identified("913377", call="c2")).result == "wrong"


@pytest.mark.parametrize("pin", ["111111", "123456", "654321", "12345", "abcdef", "1234567", "121212"])
async def test_a_pin_that_anybody_guesses_is_refused(db: Database, pin: str):
    driver = await a_driver(db)
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await set_pin(session, driver, pin, actor="1001", at=NOW)


@given(st.from_regex(r"[京吉粤][A-Z][A-Z0-9]{5,6}", fullmatch=True), st.integers(0, 9_999_999))
def test_only_the_end_of_the_plate_opens_it(plate: str, guess: int):
    digits = "".join(sign for sign in plate if sign.isdecimal())
    if len(digits) >= 4:
        assert fits_plate(plate, digits[-4:])
        assert fits_plate(plate, digits)
    proof = str(guess)
    assert not fits_plate(plate, proof) or digits.endswith(proof)
    assert not fits_plate(plate, proof[:2])


async def test_without_a_proof_nothing_of_a_customer_is_told(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    for operation in ("case_state", "next_service"):
        assert (await desk.ask(operation)).result == "unavailable"
    await desk.identified("0618", call="other")
    assert (await desk.ask("case_state", call="c1")).result == "unavailable"
