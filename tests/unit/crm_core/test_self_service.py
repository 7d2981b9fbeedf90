"""What a caller hears and asks for in the menu is on the real records, once, and in time."""

import asyncio
import shutil
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from crm_core.access.model import User
from crm_core.cases.model import Case, CaseNotice, RescueRun
from crm_core.consent.model import Consent, DoNotContact
from crm_core.customers.model import Customer
from crm_core.customers.queries import vehicles_of
from crm_core.db import Database, make_engine
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid
from crm_core.integration.model import OutboxEvent
from crm_core.self_service.acts import acts_of
from crm_core.self_service.model import PositionLink, SurveyAnswer
from crm_core.self_service.places import LinkOver, Shared, share
from crm_core.vehicles.recalls import VehicleRecall
from ivr import spoken
from ivr.operations import OPERATIONS, Spoken
from ivr.self_service.desk import SelfService
from tests.unit.crm_core.builders import NOW, a_contact, a_customer, a_dealer, a_vehicle, an_open_case
from tests.unit.crm_core.menu_desk import OWN, STRANGE, ZONE, MenuDesk, asker

CHANGCHUN = (43.82, 125.32)


async def a_driver(db: Database, **vehicle) -> int:
    async with db.begin() as session:
        customer = await a_customer(session, "陈建国", OWN)
        await a_vehicle(session, customer, **vehicle)
        return customer.id


async def a_station(db: Database, code: str = "YC1001", position=CHANGCHUN, **more) -> int:
    latitude, longitude = position
    services = {"services": ["workshop", "rescue"], "station_at": NOW}
    async with db.begin() as session:
        return (await a_dealer(session, code=code, latitude=latitude, longitude=longitude, **services, **more)).id


# ---- hearing


async def test_the_caller_hears_the_most_urgent_case_and_how_many_more_there_are(db: Database):
    driver, desk = await a_driver(db), MenuDesk(db)
    async with db.begin() as session:
        customer = await session.get_one(Customer, driver)
        await an_open_case(session, customer, "GD-0713-0183", due_at=NOW + timedelta(days=1))
        await an_open_case(session, customer, "GD-0714-0001", due_at=NOW + timedelta(days=9))
    await desk.identified()
    answer = await desk.ask("case_state")
    assert answer.result == "found"
    assert answer.facts == {
        "case_number": "GD-0713-0183", "case_state": "case-open", "case_due": "2026-07-17", "more_cases": "1",
    }  # fmt: skip


async def test_who_has_no_open_case_hears_so(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    await desk.identified()
    assert (await desk.ask("case_state")).result == "none"


async def test_the_next_service_is_told_with_date_and_mileage_and_a_recall_comes_first(db: Database):
    driver, desk = await a_driver(db, next_service_on=date(2026, 9, 1), energy="electric"), MenuDesk(db)
    await desk.identified()
    answer = await desk.ask("next_service")
    assert answer.result == "found"
    assert answer.facts == {
        "plate": "吉AD30618", "service_date": "2026-09-01", "service_kilometres": "20000", "recall": "",
    }  # fmt: skip
    async with db.begin() as session:
        (vehicle,) = await vehicles_of(session, driver)
        session.add(VehicleRecall(vehicle_id=vehicle.vehicle_id, code="R2026-01", announced_on=date(2026, 5, 1)))
    recalled = await desk.ask("next_service")
    assert (recalled.result, recalled.facts["recall"]) == ("recall", "recall-open")


@pytest.mark.parametrize("area", ["0431", "431", "130012", "长春", "长春市", "changchun"])
async def test_the_nearest_station_is_found_by_area_code_postcode_or_name(db: Database, area: str):
    await a_station(db)
    await a_station(db, "YC2002", (31.2, 121.4), city="上海", province="上海")
    answer = await MenuDesk(db, prompts=("station-yc1001",)).ask("nearest_station", area=area)
    assert answer.result == "found"
    assert answer.facts["station"] == "station-yc1001"
    assert answer.facts["station_until"] == "18:00"
    assert float(answer.facts["station_kilometres"]) < 5


async def test_a_closed_station_is_told_with_the_time_at_which_it_opens(db: Database):
    await a_station(db)
    desk = MenuDesk(db)
    desk.at = NOW + timedelta(hours=12)
    answer = await desk.ask("nearest_station", area="0431")
    assert (answer.result, answer.facts["station_until"]) == ("closed", "08:30")
    assert answer.facts["station"] == "station-general"  # its own prompt is not made yet


@pytest.mark.parametrize("area", ["", "0999", "9", "999999", "x" * 500, "'; DROP TABLE dealer; --", "\0"])
async def test_a_place_that_nobody_knows_is_no_error(db: Database, area: str):
    await a_station(db)
    assert (await MenuDesk(db).ask("nearest_station", area=area)).result == "unknown_place"


# ---- asking


async def test_material_that_is_asked_for_is_a_case_that_nobody_has_taken_yet(db: Database):
    driver, desk = await a_driver(db), MenuDesk(db)
    async with db.begin() as session:
        await a_contact(session, "c1", await session.get_one(Customer, driver), days_ago=0)
    answer = await desk.ask("request_material", material="E6 配置表")
    again = await desk.ask("request_material", material="E6 配置表")
    assert answer.result == "noted"
    assert again == answer
    async with db.begin() as session:
        (case,) = await session.scalars(select(Case))
        assert (case.number, case.kind, case.owner) == (answer.facts["case_number"], "material", "")
        assert (case.customer_id, case.contact_id) == (driver, "c1")


async def test_the_same_wish_ten_times_at_once_is_one_case(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    told = await asyncio.gather(*(desk.ask("request_material", material="E6") for _ in range(10)))
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Case)) == 1
    assert {answer.result for answer in told} <= {"noted", "unavailable"}
    assert "noted" in {answer.result for answer in told}


async def test_a_call_back_is_booked_on_the_callers_number_or_another_one(db: Database):
    desk = MenuDesk(db)
    assert (await desk.ask("book_callback")).facts == {"callback_number": OWN}
    assert (await desk.ask("book_callback", callback_number="13900000001")).facts == {"callback_number": STRANGE}
    assert desk.bookings.booked == [("c1", OWN), ("c1", STRANGE)]


@pytest.mark.parametrize("number", ["110", "1", "abc", "９" * 30])
async def test_a_number_that_cannot_be_called_back_is_refused(db: Database, number: str):
    assert (await MenuDesk(db).ask("book_callback", callback_number=number)).result == "refused"


async def test_who_wants_no_more_calls_gets_none_on_that_number_whoever_has_it(db: Database):
    async with db.begin() as session:
        for name in ("陈建国", "王丽"):
            await a_customer(session, name, f"family:{OWN}")
    assert (await MenuDesk(db).ask("stop_calls")).result == "stopped"
    async with db.begin() as session:
        assert await session.get(DoNotContact, OWN) is not None
        rows = list(await session.scalars(select(Consent)))
        assert len({row.customer_id for row in rows}) == 2
        assert not any(row.given for row in rows)
        assert {row.contact_id for row in rows} == {"c1"}


@pytest.mark.parametrize(("said", "given"), [("yes", True), ("1", True), ("no", False), ("2", False)])
async def test_a_consent_is_kept_with_the_contact_and_the_words_as_its_proof(db: Database, said: str, given: bool):
    driver = await a_driver(db)
    assert (await MenuDesk(db).ask("record_consent", purpose="survey", consent=said)).result == "noted"
    async with db.begin() as session:
        (row,) = await session.scalars(select(Consent))
        assert (row.customer_id, row.purpose, row.given, row.contact_id) == (driver, "survey", given, "c1")
        assert said in row.words


async def test_nobody_consents_for_a_stranger_or_for_one_of_several(db: Database):
    desk = MenuDesk(db)
    assert (await desk.ask("record_consent", number=STRANGE, purpose="survey", consent="yes")).result == "unavailable"
    async with db.begin() as session:
        for name in ("陈建国", "王丽"):
            await a_customer(session, name, f"family:{OWN}")
    assert (await desk.ask("record_consent", purpose="survey", consent="yes")).result == "unavailable"
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Consent)) == 0


@pytest.mark.parametrize(("purpose", "consent"), [("service", "yes"), ("x", "no"), ("survey", "perhaps"), ("", "")])
async def test_an_answer_that_is_none_is_not_kept(db: Database, purpose: str, consent: str):
    await a_driver(db)
    assert (await MenuDesk(db).ask("record_consent", purpose=purpose, consent=consent)).result == "unavailable"


async def test_a_score_is_kept_and_the_last_one_holds(db: Database):
    desk = MenuDesk(db)
    for score in ("3", "5"):
        assert (await desk.ask("survey_answer", question="overall", score=score)).result == "kept"
    for score in ("11", "-1", "x", ""):
        assert (await desk.ask("survey_answer", question="overall", score=score)).result == "unavailable"
    async with db.begin() as session:
        (row,) = await session.scalars(select(SurveyAnswer))
        assert (row.contact_id, row.question, row.score) == ("c1", "overall", 5)


# ---- a rescue


async def test_a_rescue_is_open_with_road_and_kilometre_before_anybody_answers(db: Database):
    driver, desk = await a_driver(db), MenuDesk(db)
    answer = await desk.ask("open_rescue", road="G1 京哈高速", kilometre="1023")
    assert answer.result == "opened"
    assert (await desk.ask("open_rescue", road="G1 京哈高速", kilometre="1024")).result == "open_already"
    async with db.begin() as session:
        (case,) = await session.scalars(select(Case))
        run = await session.get_one(RescueRun, case.id)
        assert (case.customer_id, case.stage, case.number) == (driver, "dispatch", answer.facts["case_number"])
        assert (run.road, run.km) == ("G1 京哈高速", "1024")


@pytest.mark.parametrize("number", [STRANGE, ""])
async def test_a_stranger_and_a_hidden_number_are_rescued_too(db: Database, number: str):
    assert (await MenuDesk(db).ask("open_rescue", number=number)).result == "opened"
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Case)) == 1
        (customer,) = await session.scalars(select(Customer))
        assert customer.name.startswith("来电")


async def test_the_link_leaves_by_the_outbox_and_the_place_informs_the_nearest_station(db: Database):
    await a_driver(db)
    near = await a_station(db)
    desk = MenuDesk(db)
    link = await desk.ask("position_link")
    opened = await desk.ask("open_rescue")
    assert opened.facts["station"] == "station-general"
    async with db.begin() as session:
        (message,) = await session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "message.sms"))
        assert message.payload["number"] == OWN
        assert f"https://example.com/where/{link.facts['position_code']}" in message.payload["text"]
        place = Shared(latitude=43.83, longitude=125.31, accuracy_m=12, words="服务区入口")
        await share(session, link.facts["position_code"], place, at=NOW, zone=ZONE)
    async with db.begin() as session:
        (case,) = await session.scalars(select(Case))
        run = await session.get_one(RescueRun, case.id)
        assert (run.latitude, run.landmark, run.station_id, case.dealer_id) == (43.83, "服务区入口", near, near)
        assert case.stage == "accept"
    again = await desk.ask("open_rescue", kilometre="5")
    assert (again.result, float(again.facts["station_kilometres"])) == ("open_already", pytest.approx(1.4, abs=0.2))
    assert (await desk.ask("nearest_station", area="")).result == "found"


async def test_the_station_reads_in_its_portal_that_it_is_sent(db: Database):
    near = await a_station(db)
    async with db.begin() as session:
        manager = {"number": "9001", "name": "赵敏", "roles": "dealer_relations", "dealer_id": near}
        session.add(User(password_hash="x", language="zh-CN", **manager))
    desk = MenuDesk(db)
    link = await desk.ask("position_link")
    async with db.begin() as session:
        await share(session, link.facts["position_code"], Shared(latitude=43.8, longitude=125.3), at=NOW, zone=ZONE)
    assert (await desk.ask("open_rescue")).result == "opened"
    async with db.begin() as session:
        assert "9001" in set(await session.scalars(select(CaseNotice.number)))


@pytest.mark.parametrize(
    "place",
    [Shared(), Shared(latitude=91.0, longitude=0.0), Shared(latitude=float("nan"), longitude=0.0), Shared(words="  ")],
)
async def test_what_is_no_place_is_refused(db: Database, place: Shared):
    link = await MenuDesk(db).ask("position_link")
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await share(session, link.facts["position_code"], place, at=NOW, zone=ZONE)


async def test_a_link_that_is_over_and_one_that_never_was_are_told_alike(db: Database):
    link = await MenuDesk(db).ask("position_link")
    async with db.begin() as session:
        for code, at in ((link.facts["position_code"], NOW + timedelta(hours=2)), ("a" * 12, NOW), ("\0", NOW)):
            with pytest.raises(LinkOver):
                await share(session, code, Shared(words="here"), at=at, zone=ZONE)


async def test_a_number_gets_five_links_a_day(db: Database):
    desk = MenuDesk(db)
    told = [(await desk.ask("position_link", call=f"c{turn}")).result for turn in range(6)]
    assert told == ["sent"] * 5 + ["not_sent"]
    assert (await desk.ask("position_link", call="hidden", number="")).result == "not_sent"
    assert (await MenuDesk(db, base_url="").ask("position_link", call="s1", number=STRANGE)).result == "not_sent"
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(PositionLink)) == 5


# ---- always


async def test_what_the_caller_did_is_there_for_the_agent_in_order(db: Database):
    await a_driver(db)
    desk = MenuDesk(db)
    await desk.identified("1111")
    await desk.identified()
    await desk.ask("case_state")
    await desk.ask("position_link")
    async with db.begin() as session:
        acts = [(act.operation, act.result) for act in await acts_of(session, "c1")]
    assert acts == [("identify", "wrong"), ("identify", "right"), ("case_state", "none"), ("position_link", "sent")]


@pytest.mark.parametrize("name", OPERATIONS)
async def test_hostile_facts_end_in_a_word_of_the_operation(db: Database, name: str):
    await a_driver(db)
    desk = MenuDesk(db)
    await desk.identified()
    for hostile in ("", "\0", "'; DROP TABLE customer; --", "\ud800", "9" * 5_000, "../../etc/passwd", "<script>"):
        facts = dict.fromkeys(OPERATIONS[name].takes, hostile)
        answer = await desk.ask(name, **facts)
        assert answer.result in (*OPERATIONS[name].results, "unavailable")
        assert set(answer.facts) <= set(OPERATIONS[name].gives)
        for fact, value in answer.facts.items():
            how = OPERATIONS[name].gives[fact]
            assert spoken.say(value, how, "en") or how is Spoken.SILENT


async def test_an_operation_that_nobody_knows_is_unavailable(db: Database):
    assert (await MenuDesk(db).ask("format_disk")).result == "unavailable"


async def test_with_the_database_locked_the_caller_hears_so_within_two_seconds(tmp_path, sqlite_template):
    path = tmp_path / "locked.db"
    await asyncio.to_thread(shutil.copy, sqlite_template, path)
    database = Database(make_engine(f"sqlite+aiosqlite:///{path}"))
    desk = MenuDesk(database)
    try:
        async with database.begin() as session:
            session.add(a_dealer_row())
            await session.flush()  # the one writer that SQLite allows
            began = time.monotonic()
            answer = await desk.ask("survey_answer", question="overall", score="5")
            assert answer.result == "unavailable"
            assert time.monotonic() - began < 2.0
    finally:
        await asyncio.gather(*desk.desk.running)
        await database.close()


def a_dealer_row() -> Dealer:
    return Dealer(
        code="X", name="X", short_name="X", province="", city="", address="", phone="", latitude=0.0, longitude=0.0
    )


async def test_with_the_database_gone_the_caller_hears_so(tmp_path):
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path}/nowhere/hotline.db"))
    answer = await SelfService(database, MenuDesk(database).desk.site).do("stop_calls", asker(), {})
    assert answer.result == "unavailable"
    await database.close()
