"""The rules of classes, stages, risk and value: what they say of one customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.errors import Invalid
from crm_core.segments import ranks
from crm_core.segments.checks import require_usable
from crm_core.segments.churn import churn_of, is_dormant
from crm_core.segments.classes import classify
from crm_core.segments.conditions import FIELDS, OPERATORS, read
from crm_core.segments.cuts import cuts_of
from crm_core.segments.facts import THREE_YEARS, Car, Facts, Manual, Purchase, best_three_years
from crm_core.segments.life_cycle import ADVICE, stage_of
from crm_core.segments.needs import expected_yuan, next_need
from crm_core.segments.reasons import CHINESE, Reason, in_chinese
from crm_core.segments.rulebook import (
    FIRST_CLASS_RULES,
    FIVE_STAGES,
    FOUR_STAGES,
    NAMES,
    ChurnRules,
    LifeCycleRules,
    RuleBook,
    book_from,
    state_of,
)
from crm_core.workforce.fields import Unusable

TODAY = date(2026, 7, 16)
LIFE, CHURN = LifeCycleRules(), ChurnRules()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def a_customer(*bought: int, **more: Any) -> Facts:
    """Known for ten years; `bought` = one car so many days ago each."""
    facts = {"known_since": ago(3650), "purchases": tuple(Purchase(on=ago(days)) for days in bought), **more}
    return Facts(**facts)


def class_of(facts: Facts) -> str:
    return classify(facts, FIRST_CLASS_RULES, TODAY).customer_class


def test_a_buyer_of_300_vehicles_in_three_years_is_a_key_account_also_when_nothing_was_bought_for_ten():
    old = (Purchase(on=ago(4700), vehicles=150), Purchase(on=ago(3700), vehicles=150))
    verdict = classify(Facts(known_since=ago(5000), purchases=old), FIRST_CLASS_RULES, TODAY)
    assert verdict.customer_class == "key_account"
    assert verdict.reasons == (Reason(code="vehicles_any_3y", values={"count": 300, "on": ago(3700).isoformat()}),)
    assert in_chinese(verdict.reasons) == f"3 年内购车 300 台（至 {ago(3700)}）"


def test_299_vehicles_or_300_over_more_than_three_years_make_no_key_account():
    assert class_of(a_customer(purchases=(Purchase(on=ago(10), vehicles=299, yuan=1),))) == "vip"
    apart = (Purchase(on=ago(THREE_YEARS + 1), vehicles=150), Purchase(on=ago(0), vehicles=150))
    assert best_three_years(apart)[0] == 150
    assert class_of(a_customer(purchases=apart)) != "key_account"
    together = (Purchase(on=ago(THREE_YEARS), vehicles=150), Purchase(on=ago(0), vehicles=150))
    assert class_of(a_customer(purchases=together)) == "key_account"


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 200)), max_size=30))
def test_the_best_three_years_are_those_of_trying_every_window(bought: list[tuple[int, int]]):
    purchases = tuple(Purchase(on=ago(days), vehicles=count) for days, count in bought)
    tried = [sum(one.vehicles for one in purchases if 0 <= (end.on - one.on).days <= THREE_YEARS) for end in purchases]
    assert best_three_years(purchases)[0] == max(tried, default=0)


def test_two_cars_and_a_referral_make_a_vip_and_both_reasons_are_told():
    verdict = classify(a_customer(640, 1040, 2580, referrals=2), FIRST_CLASS_RULES, TODAY)
    assert verdict.customer_class == "vip"
    assert in_chinese(verdict.reasons) == "近 3 年购车 2 台；推荐成交 2 台"
    assert class_of(a_customer(640, 1040)) == "standard"


def test_a_persons_decision_beats_the_rule_through_its_last_day_and_not_longer():
    for until, expected in ((TODAY, "standard"), (ago(1), "key_account")):
        manual = Manual(customer_class="standard", reason="欠款未清", until=until)
        lots = (Purchase(on=ago(30), vehicles=400),)
        verdict = classify(Facts(known_since=ago(99), purchases=lots, manual=manual), FIRST_CLASS_RULES, TODAY)
        assert (verdict.customer_class, verdict.manual) == (expected, until == TODAY)


def test_a_customer_goes_from_prospect_over_forming_and_stable_to_fading():
    stages = [
        stage_of(facts, LIFE, TODAY)
        for facts in (
            a_customer(),
            a_customer(100),
            a_customer(500, last_contact_on=ago(20), contacts=1),
            a_customer(900, last_contact_on=ago(560)),
        )
    ]
    assert [one.stage for one in stages] == list(FOUR_STAGES)
    assert [one.since for one in stages] == [ago(3650), ago(100), ago(500 - 365), ago(560 - 540)]
    assert stages[3].reasons == (Reason(code="quiet", values={"on": ago(560).isoformat()}),)


def test_a_service_missed_for_nine_months_is_fading_until_somebody_comes():
    due = Car(sold_on=ago(700), next_service_on=ago(280))
    facts = a_customer(700, cars=(due,), last_contact_on=ago(5), contacts=3)
    assert stage_of(facts, LIFE, TODAY).reasons[0].code == "service_overdue"
    came = a_customer(700, cars=(due,), last_visit_on=ago(270), visits=1)
    assert stage_of(came, LIFE, TODAY).stage == "stable"


def test_the_five_stages_part_those_who_never_bought_and_those_who_came_back():
    five = LifeCycleRules(stages=5)
    found = [
        stage_of(facts, five, TODAY).stage
        for facts in (
            Facts(known_since=ago(10)),
            Facts(known_since=ago(400)),
            a_customer(500, last_contact_on=ago(9)),
            a_customer(2000),
            a_customer(500, 300, last_contact_on=ago(9)),
        )
    ]
    assert found == list(FIVE_STAGES)
    assert set(ADVICE) == {*FOUR_STAGES, *FIVE_STAGES}


def test_the_risk_is_the_sum_of_what_can_be_seen_and_names_the_weightiest_first():
    car = Car(sold_on=ago(1500), next_service_on=ago(100), warranty_until=ago(200))
    facts = a_customer(1500, cars=(car,), competitor="星驰 L7", open_complaints=1, last_contact_on=ago(3), contacts=4)
    verdict = churn_of(facts, CHURN, TODAY)
    assert (verdict.risk, verdict.score) == ("high", 25 + 25 + 20 + 15)
    assert [one.code for one in verdict.reasons] == ["service_overdue", "competitor", "open_complaint", "warranty_over"]
    calm = churn_of(a_customer(300, last_contact_on=ago(3), contacts=4), CHURN, TODAY)
    assert (calm.risk, calm.score, calm.reasons) == ("low", 0, ())


def test_who_never_bought_cannot_leave_but_may_sleep():
    facts = Facts(known_since=ago(800), last_contact_on=ago(400))
    assert churn_of(facts, CHURN, TODAY).risk == ""
    assert is_dormant(facts, CHURN, TODAY)
    assert not is_dormant(Facts(known_since=ago(100)), CHURN, TODAY)


@given(
    bad=st.integers(1, 5),
    complaints=st.integers(0, 3),
    refused=st.booleans(),
    rival=st.sampled_from(["", "星驰 L7"]),
)
def test_one_more_bad_sign_never_lowers_the_risk(bad: int, complaints: int, refused: bool, rival: str):
    facts = {"worst_rating": bad, "open_complaints": complaints, "refused": refused, "competitor": rival}
    score = churn_of(a_customer(400, last_contact_on=ago(1), **facts), CHURN, TODAY).score
    worse = {**facts, "open_complaints": complaints + 1, "refused": True, "competitor": "星驰 L7", "worst_rating": 1}
    assert churn_of(a_customer(400, last_contact_on=ago(1), **worse), CHURN, TODAY).score >= score


def test_the_next_need_is_what_lies_nearest_to_today():
    car = Car(sold_on=ago(1700), next_service_on=ago(-20), warranty_until=ago(-90))
    assert next_need(a_customer(1700, cars=(car,)), 5, TODAY).what == "service"
    had = a_customer(1700, cars=(Car(sold_on=ago(1700), next_service_on=ago(50)),), last_visit_on=ago(10), visits=1)
    assert next_need(had, 5, TODAY).what == "replacement"
    assert next_need(Facts(known_since=ago(5)), 5, TODAY).what == ""


def test_a_year_with_a_customer_is_service_and_the_share_of_the_next_car_less_the_risk():
    bought = (Purchase(on=ago(1460), yuan=200_000), Purchase(on=ago(0), yuan=240_000))
    facts = Facts(known_since=ago(2000), purchases=bought, service_yuan=9_000, service_yuan_3y=6_000)
    assert expected_yuan(facts, "low", 5, TODAY) == round((2_000 + 220_000 / 4) * 0.9)
    assert expected_yuan(facts, "high", 5, TODAY) == round((2_000 + 220_000 / 4) * 0.4)
    assert expected_yuan(Facts(known_since=ago(9)), "", 5, TODAY) == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=400))
def test_a_rank_is_the_middle_of_the_places_of_equal_customers_and_nothing_is_the_bottom(values: list[int]):
    cuts = cuts_of(sorted((value, values.count(value)) for value in set(values)))
    assert len(cuts) == ranks.CUTS
    for value in set(values) - {0}:
        worse = 100 * sum(other < value for other in values) / len(values)
        not_better = 100 * sum(other <= value for other in values) / len(values)
        assert abs(ranks.rank(value, cuts) - (worse + not_better) / 2) <= 1.5
    assert ranks.rank(0, cuts) == 0


def test_ranks_read_as_digits_and_as_the_first_percent():
    assert [ranks.digit(one) for one in (0, 19, 20, 59, 80, 99)] == [1, 1, 2, 3, 5, 5]
    assert ranks.rfm(99, 0, 45) == "513"
    assert (ranks.top(99), ranks.top(95), ranks.top(0)) == (1, 5, 100)
    assert ranks.rank(7, ()) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_book_is_saved_and_read_without_a_loss(name: str):
    state = state_of(RuleBook(), name)
    require_usable(name, state)
    assert state_of(book_from({name: state}), name) == state


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("classes", {"rules": [{"gives": "emperor", "conditions": []}]}, "gives.0"),
        ("classes", {"rules": [{"gives": "vip", "conditions": [{"measure": "x; DROP", "least": 1}]}]}, "measure.0.0"),
        ("classes", {"rules": [{"gives": "vip", "conditions": [{"measure": "vehicles", "least": 0}]}]}, "least.0.0"),
        ("classes", {"rules": [{"gives": "vip", "conditions": [{"measure": "vehicles", "least": "9"}]}]}, "least.0.0"),
        ("life_cycle", {"stages": 6}, "stages"),
        ("life_cycle", {"fading_days": 1}, "fading_days"),
        ("churn", {"medium": 80}, "high"),
        ("churn", {"quiet": 101}, "quiet"),
    ],
)
def test_rules_that_make_no_sense_are_refused_at_their_field(name: str, change: dict, field: str):
    with pytest.raises(Unusable) as refused:
        require_usable(name, {**state_of(RuleBook(), name), **change})
    assert field in refused.value.by_field


def condition(**one: Any) -> dict:
    return {"join": "all", "groups": [{"join": "all", "conditions": [one]}]}


@pytest.mark.parametrize(
    "one",
    [
        {"field": "password_hash", "op": "is", "value": "x"},
        {"field": "city", "op": "= '' OR 1=1 --", "value": "x"},
        {"field": "city", "op": "is", "value": " , ，"},
        {"field": "age", "op": "least", "value": "很老"},
        {"field": "age", "op": "least", "value": True},
        {"field": "age", "op": "least", "value": 10**15},
        {"field": "gender", "op": "in", "value": []},
        {"field": "gender", "op": "in", "value": ["<script>"]},
        {"field": "dealer", "op": "in", "value": ["1 OR 1"]},
        {"field": "recency", "op": "least", "value": 6},
        {"field": ["city"], "op": "is", "value": "x"},
        None,
    ],
)
def test_a_condition_that_is_not_on_the_list_is_refused_where_it_stands(one: object):
    whole = {"join": "all", "groups": [{"join": "all", "conditions": [one]}]}
    with pytest.raises(Unusable) as refused:
        read(whole)
    assert "0.0" in refused.value.by_field


@pytest.mark.parametrize("raw", [None, [], "x", {"groups": 3}, {"groups": [None]}, {"groups": [{"conditions": []}]}])
def test_what_is_no_definition_is_refused_with_a_sentence(raw: object):
    with pytest.raises(Invalid):
        read(raw)


def test_a_definition_comes_back_as_it_was_read():
    raw = condition(field="city", op="is", value="长春， 吉林\0")
    assert read(raw).written() == condition(field="city", op="is", value=["长春", "吉林"])
    assert read(read(raw).written()) == read(raw)


def test_every_reason_has_its_words():
    codes = {"manual", "vehicles_any_3y", "value_yuan", "quiet", "service_overdue", "bad_rating"}
    assert codes < set(CHINESE)
    assert in_chinese((Reason(code="value_yuan", values={"yuan": 684_000}),)) == "累计消费 ¥68.4 万"
    assert all(OPERATORS[field.kind] for field in FIELDS.values())
