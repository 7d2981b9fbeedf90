"""What a campaign's pacer is told by the feed, and how a limit that was passed makes it careful."""

from __future__ import annotations

import pytest

from acd.dialer import Mode, PacingRules, PastAnswer, Staffing
from crm_core.history import campaign_events as told
from cti.campaign_ports import CampaignPlan
from cti.dialing_pace import Paces, spare_agents

AT = 1_795_000_000.0


def plan(mode: Mode = Mode.PROGRESSIVE, limit: float = 3.0) -> CampaignPlan:
    rules = PacingRules(mode=mode, most_lines=40, abandon_limit_percent=limit)
    return CampaignPlan(campaign=1, queue="care", rules=rules)


def past(answers: int, drops: int) -> list[PastAnswer]:
    return [PastAnswer(AT - 600 + number, number < drops) for number in range(answers)]


@pytest.mark.parametrize(
    ("answers", "drops", "limit", "spare"),
    [(10, 0, 3.0, 0), (10, 1, 3.0, 0), (10, 4, 3.0, 3), (200, 6, 3.0, 0), (200, 9, 3.0, 3), (10, 2, 0.0, 2)],
)
def test_each_drop_beyond_the_limit_keeps_one_more_agent_free(answers: int, drops: int, limit: float, spare: int):
    pacer = Paces().begin(plan(limit=limit), past(answers, drops), [], AT)
    assert spare_agents(pacer, AT) == spare


def test_a_survey_without_agents_keeps_nobody_free():
    assert spare_agents(Paces().begin(plan(Mode.VOICE), past(10, 5), [], AT), AT) == 0


def test_a_call_that_rings_takes_a_free_agent_until_it_ends():
    paces = Paces()
    pacer = paces.begin(plan(), [], ["ob-1-1-1"], AT)
    assert pacer.wanted(Staffing(at=AT, ready=3)) == 2
    paces.heard(told.AttemptEnded(at=AT + 20, call="ob-1-1-1", campaign=1, result="no_answer"))
    assert pacer.wanted(Staffing(at=AT + 20, ready=3)) == 3


def test_who_answered_waits_until_an_agent_has_them():
    paces = Paces()
    paces.begin(plan(), [], ["ob-1-1-1"], AT)
    paces.heard(told.AttemptAnswered(at=AT + 5, call="ob-1-1-1", campaign=1))
    assert paces.waiting(1) == 1
    paces.heard(told.AttemptConnected(at=AT + 6, call="ob-1-1-1", campaign=1, agent="1018"))
    assert paces.waiting(1) == 0


def test_other_rules_of_the_limit_let_the_pacer_begin_anew_and_others_do_not():
    paces = Paces()
    pacer = paces.begin(plan(), [], [], AT)
    assert paces.of(plan()) is pacer
    assert paces.of(plan(limit=1.0)) is None
    assert paces.gone({1}) == []
    assert paces.gone(set()) == [1]
