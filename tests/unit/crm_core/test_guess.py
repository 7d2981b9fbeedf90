"""The first sentence of the pop: the likeliest reason, and why we think so."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from crm_core.customers.facts import CaseFacts, ContactFacts, CustomerCard, VehicleFacts
from crm_core.customers.guess import probable_reason
from tests.unit.crm_core.builders import NOW


def _card(**more: Any) -> CustomerCard:
    texts = [field.name for field in fields(CustomerCard) if field.type == "str"]
    empty = {"phones": (), "vehicles": (), "open_cases": (), "last_contacts": (), "dealer_id": None, "age": None}
    facts: dict[str, Any] = {**dict.fromkeys(texts, ""), **empty, **more}
    return CustomerCard(customer_id=1, contacts_90_days=0, last_agent_at=None, **facts)


def _case(kind: str = "repair", due_in_hours: float | None = 7) -> CaseFacts:
    due = NOW + timedelta(hours=due_in_hours) if due_in_hours is not None else None
    return CaseFacts(
        case_id=7,
        number="GD-0713-0183",
        kind=kind,
        title="空调压缩机异响，等配件",
        detail="",
        status="open",
        opened_at=NOW - timedelta(days=3),
        due_at=due,
        vehicle_id=1,
        dealer="金达远辰",
        steps=(),
    )


def _vehicle(**more: date) -> VehicleFacts:
    dates = {"sold_on": None, "warranty_until": None, "next_service_on": None, **more}
    facts = {"vin": "", "plate": "吉AD30618", "model": "远辰 E6 四驱", "energy": "electric", "roles": ("buyer",)}
    return VehicleFacts(vehicle_id=1, mileage_km=0, **facts, **dates)  # type: ignore[arg-type]


def _talk(kind: str, days_ago: float) -> ContactFacts:
    texts = dict.fromkeys(["contact_id", "channel", "sub_kind", "disposition", "outcome", "queue", "agent", "note"], "")
    at = NOW - timedelta(days=days_ago)
    return ContactFacts(direction="inbound", kind=kind, agent_name="林晓梅", started_at=at, talk_seconds=9, **texts)


def test_who_presses_repair_with_an_open_repair_asks_how_it_goes():
    guess = probable_reason(_card(open_cases=(_case(),)), "repair", now=NOW)
    assert (guess.key, guess.case_id) == ("case_progress", 7)
    assert [ground.key for ground in guess.grounds] == ["menu", "due_soon"]


def test_a_case_that_is_late_is_the_reason_whatever_key_was_pressed():
    guess = probable_reason(_card(open_cases=(_case(due_in_hours=-5),)), "enquiry", now=NOW)
    assert (guess.key, guess.grounds[-1].key) == ("case_progress", "overdue")


def test_who_needs_rescue_does_not_ask_about_an_old_case():
    assert probable_reason(_card(open_cases=(_case(),)), "rescue", now=NOW).key == "topic"


def test_a_case_of_another_kind_that_is_not_pressing_is_not_the_reason():
    assert probable_reason(_card(open_cases=(_case("material", 200),)), "complaint", now=NOW).key == "topic"


def test_who_called_yesterday_about_the_same_calls_again_about_it():
    guess = probable_reason(_card(last_contacts=(_talk("complaint", 1),)), "complaint", now=NOW)
    assert (guess.key, guess.values["days"], guess.grounds[-1].key) == ("called_again", 1, "called_lately")


def test_a_vehicle_that_is_due_explains_a_call_to_the_workshop():
    due = _vehicle(next_service_on=NOW.date() + timedelta(days=20))
    assert probable_reason(_card(vehicles=(due,)), "repair", now=NOW).key == "service_due"
    ends = _vehicle(warranty_until=NOW.date() + timedelta(days=40))
    assert probable_reason(_card(vehicles=(ends,)), "", now=NOW).key == "warranty_ends"


def test_a_new_owner_has_questions():
    new = _vehicle(sold_on=NOW.date() - timedelta(days=9))
    assert probable_reason(_card(vehicles=(new,)), "enquiry", now=NOW).values["days"] == 9


def test_without_any_clue_nothing_is_claimed():
    assert probable_reason(_card(), "", now=NOW).key == "unknown"
    assert probable_reason(_card(), "suggestion", now=NOW).key == "topic"
