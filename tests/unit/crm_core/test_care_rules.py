"""What the rules of care say: which event leads to which contact, and never to two for one cause."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.care.checks import problems, rule_problems
from crm_core.care.reckoning import APART, Event, contacts
from crm_core.care.rulebook import By, CareRule, Trigger, read_rules, shipped, write_rule, write_rules
from crm_core.consent.purposes import Channel, Purpose
from crm_core.dealers.care_rules import Rules

DAY = date(2026, 11, 26)
SHIPPED = shipped(Rules())


def event(trigger: Trigger = Trigger.DELIVERY, on: date = DAY, **more: Any) -> Event:
    return Event(**{"trigger": trigger, "subject": "x/1", "on": on, "customer_id": 1, "dealer_id": 1, **more})


def call(key: str = "call", **more: Any) -> CareRule:
    return CareRule(**{"id": key, "name_zh": "回访", "trigger": Trigger.DELIVERY, "days": 14, **more})


def typed(**changes: Any) -> dict[str, Any]:
    return write_rules([call()])["rules"][0] | changes


def test_the_consultant_calls_after_two_weeks_and_the_adviser_after_four():
    first, second = contacts(SHIPPED, event(consultant="李娜", adviser="周伟"))
    assert (first.rule.id, first.on, first.person) == ("two_weeks", DAY + timedelta(14), "李娜")
    assert (second.rule.id, second.on, second.person) == ("four_weeks", DAY + timedelta(28), "周伟")


def test_a_card_is_planned_two_weeks_ahead_and_not_sooner_and_not_after_the_day():
    (card,) = contacts(SHIPPED, event(Trigger.BIRTHDAY, DAY))
    assert card.rule.channel is Channel.POST
    begun = [card.may_begin(DAY - timedelta(before)) for before in (15, 14, 0, -1)]
    assert begun == [False, True, True, False]


def test_four_contacts_a_year_are_three_months_apart_and_an_overdue_one_is_made_however_late():
    (later,) = contacts(SHIPPED, event(Trigger.PROSPECT, DAY - timedelta(80)))
    assert later.on == DAY + timedelta(11)
    (overdue,) = contacts(SHIPPED, event(Trigger.PROSPECT, DAY - timedelta(900)))
    assert overdue.may_begin(DAY)
    assert contacts(shipped(Rules(contacts_per_year=0)), event(Trigger.PROSPECT)) == []


def test_the_numbers_that_the_centre_had_set_go_on_in_the_shipped_rules():
    rules = {one.id: one for one in shipped(Rules(first_call_days=10, after_service_days=5, new_year_cards=False))}
    assert (rules["two_weeks"].days, rules["after_service"].days, rules["new_year"].on) == (10, 5, False)
    assert rules["two_weeks"].days + rules["two_weeks"].window == 45


def test_a_workshop_visit_of_a_month_ago_is_not_made_up_for_when_its_window_is_over():
    (contact,) = contacts([call(trigger=Trigger.VISIT, days=3, window=5)], event(Trigger.VISIT))
    assert contact.may_begin(DAY + timedelta(8))
    assert not contact.may_begin(DAY + timedelta(9))


@pytest.mark.parametrize(
    ("condition", "fact"),
    [
        ({"models": ("远辰 E",)}, {"model": "远辰 E6"}),
        ({"energies": ("electric",)}, {"energy": "electric"}),
        ({"regions": ("东北",)}, {"region": "东北"}),
        ({"classes": ("vip", "key_account")}, {"customer_class": "vip"}),
        ({"horizons": ("hot",)}, {"horizon": "hot"}),
    ],
)
def test_a_rule_with_a_condition_is_for_those_who_meet_it_only(condition: dict[str, Any], fact: dict[str, Any]):
    assert contacts([call(**condition)], event(**fact))
    assert contacts([call(**condition)], event()) == []


def test_of_the_dealers_call_and_the_centres_call_for_one_delivery_only_the_first_of_the_list_is_made():
    dealer, centre = call("dealer"), call("centre", days=16, by=By.CENTRE, campaign=1)
    assert [one.rule.id for one in contacts([dealer, centre], event())] == ["dealer"]
    assert [one.rule.id for one in contacts([centre, dealer], event())] == ["centre"]
    assert [one.rule.id for one in contacts([dealer, centre], event(dealer_id=None))] == ["centre"]


RULES = st.builds(
    CareRule,
    id=st.text("abcdefg", min_size=1, max_size=4),
    name_zh=st.just("规则"),
    trigger=st.sampled_from((Trigger.DELIVERY, Trigger.VISIT)),
    days=st.integers(0, 60),
    on=st.booleans(),
    by=st.sampled_from(By),
    campaign=st.just(1),
    energies=st.sampled_from(((), ("petrol",), ("electric", "hybrid"))),
)


@given(st.lists(RULES, max_size=8), st.sampled_from(("petrol", "electric", "")), st.sampled_from((None, 1)))
def test_nobody_gets_two_contacts_for_one_cause_within_a_week_whatever_the_rules(rules, energy, dealer_id):
    found = contacts(rules, event(energy=energy, dealer_id=dealer_id))
    assert all(abs(one.on - other.on) >= APART for one, other in combinations(found, 2))
    assert all(one.rule.on and one.rule.trigger is Trigger.DELIVERY for one in found)


@given(st.lists(RULES, max_size=8))
def test_rules_are_read_as_they_were_written(rules):
    assert read_rules(write_rules(rules)) == tuple(rules)


def test_the_shipped_rules_are_usable():
    assert problems(write_rules(SHIPPED)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_zh": " "}, "name_zh"),
        ({"days": -1}, "days"),
        ({"days": "x"}, "days"),
        ({"days": True}, "days"),
        ({"trigger": "prospect", "days": 0}, "days"),
        ({"window": 400}, "window"),
        ({"attempts": 21}, "attempts"),
        ({"purpose": "service"}, "purpose"),
        ({"by": "nobody"}, "by"),
        ({"by": "centre"}, "campaign"),
        ({"campaign": 3}, "campaign"),
        ({"by": "centre", "campaign": 3, "channel": "post"}, "channel"),
        ({"energies": ["steam"]}, "energies"),
        ({"models": ["x" * 41]}, "models"),
        ({"id": "Two Weeks"}, ""),
    ],
)
def test_a_rule_that_cannot_be_is_told_at_its_field(changes: dict[str, Any], field: str):
    assert [one.values["field"] for one in rule_problems(typed(**changes))] == [field]


def test_a_birthday_may_be_led_by_a_month_but_a_delivery_may_not():
    assert rule_problems(typed(trigger="birthday", days=-30)) == []
    assert rule_problems(typed(trigger="birthday", days=-31)) != []


def test_two_rules_of_one_name_are_refused():
    same = write_rule(call())
    assert problems({"rules": [typed(), {**typed(), "name_zh": same["name_zh"]}]}) != []


def test_a_rule_for_the_purpose_of_news_is_allowed():
    assert rule_problems(typed(purpose=Purpose.NEWS.value)) == []
