"""Agents on whom a campaign's lines rely are not given to callers, for a while; and some are left to those who call."""

from typing import Any

import pytest

from acd.dialer import Mode, Pacer, PacingRules, Slow, Staffing
from acd.dialer_blending import InboundLoad, ServiceTarget, kept_free
from acd.model import AgentState
from tests.unit.acd.builders import CallCentre


def a_centre(*agents: str, **skills: Any) -> CallCentre:
    centre = CallCentre()
    for agent in agents:
        centre.ready(agent, **skills)
    return centre


def test_the_agent_on_whom_a_line_relies_is_not_given_to_a_caller_but_to_the_customer_who_answers():
    centre = a_centre("ana")
    centre.rely(1)
    centre.queued("c1")
    assert centre.offers == []
    centre.later(4).queued("ob-1-1-1", outbound=True)
    assert centre.offers[0][:2] == ("ob-1-1-1", "ana")


def test_only_so_many_stay_as_lines_need():
    centre = a_centre("ana", "bo", "cy")
    centre.rely(2)
    centre.queued("c1")
    assert len(centre.offers) == 1
    centre.queued("c2")
    assert centre.offers == []


def test_a_caller_waits_ten_seconds_for_that_and_no_longer():
    centre = a_centre("ana")
    centre.rely(1)
    centre.queued("c1")
    assert centre.passes(9.9).offers == []
    assert centre.passes(0.2).offers[0][:2] == ("c1", "ana")


def test_who_stands_before_the_caller_whose_wait_ended_the_promise_is_first():
    centre = a_centre("ana")
    centre.rely(1)
    centre.queued("c1")
    centre.later(5).queued("vip", priority=5)
    assert centre.passes(5.1).offers[0][:2] == ("vip", "ana")


def test_when_the_lines_have_ended_the_callers_are_served_at_once():
    centre = a_centre("ana")
    centre.rely(1)
    centre.queued("c1")
    centre.later(3).rely(0)
    assert centre.offers[0][:2] == ("c1", "ana")


def test_a_dialer_that_died_keeps_nobody_for_long():
    centre = a_centre("ana")
    centre.rely(1, longest=600)
    centre.queued("c1")
    assert centre.passes(29).offers == []
    assert centre.passes(2).offers[0][:2] == ("c1", "ana")


def test_an_agent_who_comes_back_frees_the_one_who_stayed_for_a_caller_whom_only_that_one_can_serve():
    centre = a_centre("ana", repair=5, english=5)
    centre.rely(1)
    centre.queued("c1", queue="english")
    assert centre.offers == []
    centre.ready("bo", repair=5)
    assert centre.offers[0][:2] == ("c1", "ana")


def test_agents_without_the_skill_of_the_campaign_are_not_touched():
    centre = a_centre("ana", english=5)
    centre.rely(3)
    centre.queued("c1", queue="english")
    assert centre.offers[0][:2] == ("c1", "ana")


def test_a_caller_whom_a_colleague_kept_for_the_agent_is_not_held_back():
    centre = a_centre("ana")
    centre.rely(1)
    centre.queued("c1", only="ana")
    assert centre.offers[0][:2] == ("c1", "ana")


def test_lines_that_begin_to_ring_while_callers_wait_do_not_keep_them_waiting_for_ever():
    centre = a_centre("ana")
    centre.queued("c1")
    centre.serve("c1", "ana", seconds=1)
    centre.queued("c2")
    centre.answered("c2", "ana")
    centre.queued("c3")
    centre.rely(1)
    centre.finished("c2", "ana")
    centre.back("ana")
    assert centre.state("ana") is AgentState.READY
    assert centre.passes(10.1).offers[0][:2] == ("c3", "ana")


# What is left to callers who will come


@pytest.mark.parametrize(
    ("agents", "load", "kept"),
    [(20, 0.1, 0), (20, 0.5, 1), (20, 0.7, 3), (20, 0.8, 6), (20, 0.95, 20), (5, 0.3, 1), (100, 0.8, 0), (10, 1.2, 10)],
)
def test_so_many_agents_are_left_that_four_of_five_callers_are_served_in_twenty_seconds(agents, load, kept):
    assert kept_free(agents, load * agents / 140, 140.0, ServiceTarget()) == kept


def test_without_callers_nobody_is_kept_and_a_stricter_promise_keeps_more():
    assert kept_free(20, 0.0, 140.0, ServiceTarget()) == 0
    rate = 0.7 * 20 / 140
    assert kept_free(20, rate, 140.0, ServiceTarget(0.95, 10.0)) > kept_free(20, rate, 140.0, ServiceTarget())


def test_what_agents_do_for_callers_is_learnt_by_looking():
    load = InboundLoad()
    for second in range(3600):  # a caller each 50 s, who takes an agent for 100 s
        load.look(float(second), [f"c{number}" for number in range(second // 50 - 1, second // 50 + 1)])
    assert 1 / 50 < load.rate < 1.4 / 50
    assert load.handling == pytest.approx(100.0, rel=0.1)


def test_a_campaign_dials_nobody_while_all_free_agents_are_left_to_callers_and_says_so():
    campaign = Pacer(PacingRules(mode=Mode.PROGRESSIVE, most_lines=50))
    assert campaign.wanted(Staffing(at=0.0, ready=3, kept=1)) == 2
    assert campaign.wanted(Staffing(at=1.0, ready=3, kept=3)) == 0
    assert campaign.figures(1.0).slow is Slow.INBOUND_FIRST
