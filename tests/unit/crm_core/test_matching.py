"""Who is one customer twice, and who only looks like it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.customers.matching import SUGGESTED, SURE, Identity, compare, core_name
from crm_core.customers.spelling import spelled

MOBILE, HOME = "+8613843107706", "+8643184863318"
VIN = "LYHEA6B17P0012847"


def known(name: str, number: int = 1, **facts: Any) -> Identity:
    sets: dict[str, Any] = {key: frozenset(value) if isinstance(value, set) else value for key, value in facts.items()}
    return Identity(customer_id=number, name=name, pinyin=spelled(name), **sets)


def score(one: Identity, other: Identity) -> int:
    return compare(one, other).score


def test_a_name_and_an_own_number_are_asked_about_and_with_the_birth_year_nobody_doubts():
    assert SUGGESTED <= score(known("王伟", numbers={MOBILE}), known("王伟", 2, numbers={MOBILE})) < SURE
    sure: dict[str, Any] = {"numbers": {MOBILE}, "birth_year": 1979}
    assert score(known("王伟", **sure), known("王伟", 2, **sure)) >= SURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("陈建国", "陈健国"),  # the same sound, written as it was heard
        ("陈建国", "陈建过"),
        ("Anna Meyer", "Anna Meier"),
        ("Anna  Meyer", "Meyer Anna"),
    ],
)
def test_a_name_written_as_it_was_heard_is_asked_about_when_the_number_is_the_same(one: str, other: str):
    assert score(known(one, numbers={MOBILE}), known(other, 2, numbers={MOBILE})) >= SUGGESTED


def test_a_family_with_one_telephone_stays_a_family():
    wife = known("刘敏", 2, shared={HOME}, salutation="女士", city="长春")
    assert score(known("陈建国", shared={HOME}, salutation="先生", city="长春"), wife) == 0
    assert score(known("陈建国", numbers={MOBILE}), known("刘敏", 2, numbers={MOBILE})) < SUGGESTED


def test_a_father_and_a_son_with_one_car_and_one_home_stay_two():
    same: dict[str, Any] = {"vehicles": {(VIN, "buyer")}, "plates": {"吉AD30618"}, "streets": {"景阳大路88号"}}
    father = known("陈建国", **same, birth_year=1955, shared={HOME})
    son = known("陈建军", 2, **same, birth_year=1982, shared={HOME})
    assert score(father, son) < SUGGESTED


def test_the_people_behind_a_switchboard_are_not_the_company():
    firm = known("长春远辰物流有限公司", kind="company", shared={HOME})
    driver = known("赵刚", 2, shared={HOME})
    assert score(firm, driver) == 0
    assert score(known("王伟", 3, shared={HOME}), driver) == 0


def test_a_company_is_known_without_its_legal_form():
    assert core_name("长春远辰物流（集团）有限公司") == core_name("长春 远辰物流集团") == "长春远辰物流"
    one = known("长春远辰物流有限公司", kind="company", city="长春")
    assert score(one, known("长春远辰物流股份有限公司", 2, kind="company", city="长春")) >= SUGGESTED
    assert score(one, known("长春博众物流有限公司", 2, kind="company", city="长春")) < SUGGESTED


def test_a_frequent_name_in_one_town_is_no_clue_and_a_rare_one_with_the_year_is():
    facts: dict[str, Any] = {"birth_year": 1985, "city": "长春"}
    assert score(known("王伟", **facts), known("王伟", 2, **facts)) < SUGGESTED
    assert score(known("欧阳建国", **facts), known("欧阳建国", 2, **facts)) >= SUGGESTED
    assert score(known("欧阳建国", **facts), known("欧阳建国", 2, birth_year=1961, city="长春")) < SUGGESTED


def test_a_plate_that_went_to_the_next_car_is_a_clue():
    one = known("陈建国", plates={"吉AD30618"}, vehicles={(VIN, "buyer")})
    assert score(one, known("陈建国", 2, plates={"吉AD30618"})) >= SUGGESTED


NAMES = st.sampled_from(("陈建国", "陈健国", "王伟", "刘敏", "Anna Meyer", "Meyer", "", "长春远辰有限公司", "长春远辰"))
IDENTITIES = st.builds(
    Identity,
    customer_id=st.integers(1, 9),
    kind=st.sampled_from(("person", "company")),
    name=NAMES | st.text(max_size=12),
    pinyin=st.sampled_from(("", "chenjianguo cjg", "wangwei ww", "liumin lm")),
    gender=st.sampled_from(("", "male", "female")),
    salutation=st.sampled_from(("", "先生", "女士")),
    birth_year=st.none() | st.integers(1940, 2008),
    city=st.sampled_from(("", "长春", "吉林")),
    numbers=st.frozensets(st.sampled_from((MOBILE, HOME))),
    shared=st.frozensets(st.sampled_from((MOBILE, HOME))),
    handles=st.frozensets(st.sampled_from(("email:a@b.cn", "wechat:cjg"))),
    vehicles=st.frozensets(st.tuples(st.sampled_from((VIN, VIN[::-1])), st.sampled_from(("buyer", "user")))),
    plates=st.frozensets(st.sampled_from(("吉AD30618", ""))),
    streets=st.frozensets(st.sampled_from(("景阳大路88号",))),
)


@given(one=IDENTITIES, other=IDENTITIES)
def test_the_score_is_the_same_both_ways_and_its_reasons_explain_it(one: Identity, other: Identity):
    match = compare(one, other)
    assert match == compare(other, one)
    assert match.score == min(100, max(0, sum(reason.points for reason in match.reasons)))
    assert len({reason.kind for reason in match.reasons}) == len(match.reasons)


@given(one=IDENTITIES)
def test_a_clue_against_never_raises_and_a_clue_for_never_lowers_the_score(one: Identity):
    twin = replace(one, customer_id=99)
    assert all(reason.points > 0 for reason in compare(one, twin).reasons)
