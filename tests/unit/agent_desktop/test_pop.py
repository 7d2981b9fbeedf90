"""What the agent is told before the first word is spoken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent_desktop.desk.pop import CallFacts, addressed, brief, clues, greeting, likely_vehicle, missing_fields
from crm_core.customers.facts import CaseFacts, ContactFacts, CustomerCard, VehicleFacts

NOW = datetime(2026, 7, 16, 2, 42, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def call(**changes: Any) -> CallFacts:
    facts: dict[str, Any] = {
        "contact": "c1",
        "direction": "inbound",
        "phase": "ringing",
        "caller": "+8613804317706",
        "queue": "repair",
        "topic": "repair",
        "menu_path": ("main", "repair"),
        "matches": (7,),
        "why": "last_agent",
        "started_at": 0.0,
        "waited": 23.0,
        "answered_at": 0.0,
        "hold_since": 0.0,
    }
    return CallFacts(**{**facts, **changes})


def vehicle(number: int, model: str) -> VehicleFacts:
    return VehicleFacts(
        vehicle_id=number,
        vin="LFV3A23C9P0012847",
        plate="吉AD30618",
        model=model,
        energy="electric",
        roles=("buyer",),
        sold_on=None,
        mileage_km=0,
        warranty_until=None,
        next_service_on=None,
    )


def case(kind: str, title: str, due: datetime | None, vehicle_id: int | None = None) -> CaseFacts:
    return CaseFacts(
        case_id=1,
        number="GD-0713-0183",
        kind=kind,
        title=title,
        detail="",
        status="open",
        opened_at=NOW - timedelta(days=3),
        due_at=due,
        vehicle_id=vehicle_id,
        dealer="",
        steps=(),
    )


def contact(days_ago: float) -> ContactFacts:
    return ContactFacts(
        contact_id="old",
        channel="voice",
        direction="inbound",
        kind="enquiry",
        sub_kind="",
        disposition="",
        outcome="answered",
        queue="repair",
        agent="1018",
        agent_name="林晓梅",
        started_at=NOW - timedelta(days=days_ago),
        talk_seconds=60.0,
        note="",
    )


def customer(**changes: Any) -> CustomerCard:
    card: dict[str, Any] = {
        "customer_id": 7,
        "kind": "person",
        "name": "陈建国",
        "salutation": "先生",
        "age": 47,
        "customer_class": "vip",
        "class_reason": "",
        "life_cycle_stage": "",
        "language": "zh-CN",
        "preference": "",
        "city": "",
        "dealer_id": None,
        "dealer": "",
        "dealer_short": "",
        "sales_consultant": "",
        "service_adviser": "",
        "phones": (),
        "vehicles": (),
        "open_cases": (),
        "last_contacts": (),
        "contacts_90_days": 0,
        "last_agent": "",
        "last_agent_name": "",
        "last_agent_at": None,
    }
    return CustomerCard(**{**card, **changes})


def test_an_open_case_of_the_chosen_section_is_the_probable_reason():
    waiting = case("repair", "空调压缩机异响，等配件", NOW + timedelta(hours=7))
    told = brief(call(), customer(open_cases=(waiting,)), NOW, ZONE)
    assert told.guess.values == {"what": "空调压缩机异响，等配件"}
    assert [said.message_id for said in told.basis] == ['chose "{topic}" in the menu', "case {number} is due today"]


def test_a_case_that_is_over_its_time_is_named_though_the_menu_said_something_else():
    late = case("material", "索取手册", NOW - timedelta(hours=1))
    told = brief(call(topic="enquiry"), customer(open_cases=(late,)), NOW, ZONE)
    assert told.case is late
    assert "case {number} is over its time" in [said.message_id for said in told.basis]


def test_a_case_that_is_due_next_week_does_not_hide_what_the_caller_chose():
    later = case("material", "索取手册", NOW + timedelta(days=7))
    told = brief(call(topic="rescue"), customer(open_cases=(later,), vehicles=(vehicle(1, "E6"),)), NOW, ZONE)
    assert told.case is None
    assert told.guess.message_id == "Probably wants: {what}, for the {vehicle}"


def test_a_caller_of_yesterday_who_chose_nothing_probably_comes_back_to_it():
    told = brief(call(topic="", menu_path=()), customer(last_contacts=(contact(1),)), NOW, ZONE)
    assert told.guess.message_id == "Probably comes back to: {what}"


def test_a_call_is_no_follow_up_of_itself_while_its_record_is_written():
    seen = customer(last_contacts=(replace(contact(0.01), contact_id=call().contact),))
    told = brief(call(topic="", menu_path=(), phase="wrap_up"), seen, NOW, ZONE)
    assert told.guess == brief(call(topic="", menu_path=(), phase="wrap_up"), customer(), NOW, ZONE).guess


def test_a_stranger_who_chose_nothing_is_not_guessed_at():
    told = brief(call(topic="", menu_path=(), matches=()), None, NOW, ZONE)
    assert told.guess.message_id == "Not known yet: please ask"
    assert len(told.basis) == 1


def test_there_are_always_four_clues():
    for facts in (call(), call(menu_path=(), topic="", matches=(), caller="", why="", waited=None)):
        assert len(clues(facts, None, waited="00:23")) == 4


def test_a_shared_number_says_how_many_have_it():
    identified = clues(call(matches=(1, 2, 3)), None, waited="00:23")[2]
    assert identified.detail.values == {"count": 3}


def test_the_vehicle_of_the_case_is_meant_even_if_the_family_has_three():
    cars = (vehicle(1, "E6"), vehicle(2, "S5"), vehicle(3, "C7"))
    open_case = case("repair", "x", None, vehicle_id=2)
    assert likely_vehicle(customer(vehicles=cars), open_case) is cars[1]
    assert likely_vehicle(customer(vehicles=cars), None) is None


def test_a_customer_is_addressed_by_family_name_and_form_of_address():
    assert addressed(customer(), "zh-CN") == "陈先生"
    assert addressed(customer(name="欧阳静", salutation="女士"), "zh-CN") == "欧阳女士"
    assert addressed(customer(), "en") == "陈建国"
    assert addressed(customer(kind="company", name="吉林物流"), "zh-CN") == ""


def test_the_first_sentence_names_the_case():
    said = greeting(call(), customer(), case("repair", "等配件", None), who="陈先生", site="远辰", agent="林晓梅")
    assert said.values["case"] == "等配件"


def test_a_record_without_kind_and_result_names_both():
    assert [said.message_id for said in missing_fields("", "")] == ["kind", "result"]
    assert missing_fields("repair", "answered") == ()
