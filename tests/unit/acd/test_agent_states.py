"""What an agent may do when, and what follows a call."""

from pathlib import Path

import pytest

from acd import commands, events
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from acd.people import AlreadyExtended
from acd.selection import Why
from acd.transitions import IllegalTransition, as_markdown
from agent_desktop import catalogues
from crm_core.errors import Refused
from tests.unit.acd.builders import CallCentre

ANA, C1 = AgentId("ana"), CallId("c1")


def in_talk() -> CallCentre:
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    centre.later(5).answered("c1", "ana")
    return centre


def in_wrap_up() -> CallCentre:
    centre = in_talk()
    centre.later(60).finished("c1", "ana")
    return centre


def test_the_page_of_agent_states_is_made_from_the_table():
    assert Path("docs/agent-states.md").read_text(encoding="utf-8") == as_markdown()


def test_after_the_talk_comes_after_call_work_with_the_time_of_the_queue():
    centre = in_wrap_up()
    assert centre.wishes == [
        commands.ReportAgentState(agent=ANA, at=1065, state=AgentState.WRAP_UP, call=C1, until=1095),
        commands.StartTimer(name="wrap_up", key="ana", due=1095),
    ]


def test_an_agent_in_after_call_work_is_offered_nothing_until_its_end():
    centre = in_wrap_up()
    centre.queued("c2")
    assert centre.offers == []
    centre.later(30).timer("wrap_up", "ana")
    assert centre.offers == [("c2", "ana", Why.NEXT_IN_LINE)]


def test_a_queue_without_after_call_work_makes_the_agent_ready_at_once():
    centre = CallCentre(Queue(id=QueueId("repair"), skill=Skill("repair"), wrap_up_seconds=0))
    centre.ready("ana")
    centre.queued("c1")
    centre.answered("c1", "ana")
    centre.queued("c2")
    centre.finished("c1", "ana")
    assert centre.offers == [("c2", "ana", Why.NEXT_IN_LINE)]


def test_after_call_work_is_extended_once():
    centre = in_wrap_up()
    extend = events.WrapUpExtended(at=centre.now, agent=ANA, seconds=30)
    assert commands.StartTimer(name="wrap_up", key="ana", due=1125) in centre.say(extend)
    with pytest.raises(AlreadyExtended):
        centre.say(extend)


def test_a_timer_that_fired_while_it_was_extended_is_started_anew():
    centre = in_wrap_up()
    centre.say(events.WrapUpExtended(at=centre.now, agent=ANA, seconds=30))
    centre.later(30).timer("wrap_up", "ana")
    assert centre.wishes == [commands.StartTimer(name="wrap_up", key="ana", due=1125)]
    assert centre.state("ana") is AgentState.WRAP_UP


def test_a_break_planned_in_the_talk_begins_after_the_record():
    centre = in_talk()
    centre.planned("ana", AgentState.BREAK, "lunch")
    centre.finished("c1", "ana")
    centre.later(30).timer("wrap_up", "ana")
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "lunch")


def test_who_goes_ready_early_cancels_the_timer_and_the_planned_break():
    centre = in_wrap_up()
    centre.planned("ana", AgentState.BREAK, "lunch")
    centre.back("ana")
    assert commands.CancelTimer(name="wrap_up", key="ana") in centre.wishes
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.READY, "")


def test_only_ready_or_a_break_can_be_planned():
    with pytest.raises(Refused):
        in_talk().planned("ana", AgentState.TALKING)


def test_a_new_reason_of_a_break_is_a_new_interval():
    centre = CallCentre()
    centre.ready("ana")
    centre.break_("ana", "lunch")
    centre.later(600).break_("ana", "training")
    assert centre.wishes == [commands.ReportAgentState(agent=ANA, at=1600, state=AgentState.BREAK, reason="training")]


def test_signing_out_while_the_phone_rings_gives_the_caller_to_the_next_agent():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    centre.signed_out("ana")
    assert commands.WithdrawOffer(call=C1, agent=ANA) in centre.wishes
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]
    assert centre.state("ana") is AgentState.OFFLINE


def test_who_signs_out_in_a_talk_is_gone_when_it_ends():
    centre = in_talk()
    centre.signed_out("ana")
    assert centre.state("ana") is AgentState.TALKING
    centre.finished("c1", "ana")
    assert centre.state("ana") is AgentState.OFFLINE


def test_who_signed_out_in_a_talk_can_come_back_before_it_ends():
    centre = in_talk()
    centre.signed_out("ana")
    centre.ready("ana", repair=5)
    centre.finished("c1", "ana")
    assert centre.state("ana") is AgentState.WRAP_UP


def test_an_agent_who_dials_out_is_offered_nothing_and_returns_to_the_break():
    centre = CallCentre()
    centre.ready("ana")
    centre.break_("ana", "callbacks")
    centre.say(events.AgentBeganCall(at=centre.now, call=CallId("out"), agent=ANA))
    centre.queued("c1")
    assert (centre.offers, centre.state("ana")) == ([], AgentState.TALKING)
    centre.finished("out", "ana")
    assert centre.state("ana") is AgentState.WRAP_UP
    centre.later(30).timer("wrap_up", "ana")
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "callbacks")


def test_hold_is_a_state_of_its_own():
    centre = in_talk()
    centre.say(events.CallHeld(at=centre.now, call=C1, agent=ANA))
    assert centre.state("ana") is AgentState.HOLD
    centre.say(events.CallResumed(at=centre.now, call=C1, agent=ANA))
    assert centre.state("ana") is AgentState.TALKING


@pytest.mark.parametrize(
    "wish",
    [
        events.AgentBecameReady(at=1, agent=ANA),
        events.AgentTookBreak(at=1, agent=ANA, reason="lunch"),
        events.AgentBeganCall(at=1, agent=ANA, call=CallId("out")),
        events.WrapUpExtended(at=1, agent=ANA, seconds=30),
    ],
)
def test_a_wish_that_the_table_refuses_changes_nothing_and_says_what_to_do(wish):
    centre = in_talk()
    before = centre.engine.snapshot()
    with pytest.raises(IllegalTransition, match="You are in a call"):
        centre.say(wish)
    assert centre.engine.snapshot() == before


@pytest.mark.parametrize("state", list(AgentState))
def test_every_refusal_is_also_said_in_chinese(state):
    english = str(IllegalTransition(ANA, state, events.AgentBecameReady))
    assert catalogues.load("zh-CN").gettext(english) != english


def test_a_person_who_is_signed_out_is_told_so():
    with pytest.raises(IllegalTransition, match="Sign in first"):
        CallCentre().back("nobody")


@pytest.mark.parametrize(
    "fact",
    [
        events.CallAnswered(at=1, call=CallId("ghost"), agent=ANA),
        events.CallResumed(at=1, call=C1, agent=ANA),
        events.TalkEnded(at=1, call=CallId("ghost"), agent=ANA),
        events.TalkEnded(at=1, call=C1, agent=AgentId("nobody")),
        events.CallHeld(at=1, call=CallId("ghost"), agent=ANA),
    ],
)
def test_what_asterisk_tells_amiss_is_reported_and_changes_nothing(fact):
    centre = in_talk()
    before = centre.engine.snapshot()
    (strange,) = centre.say(fact)
    assert isinstance(strange, commands.ReportStrange)
    assert (strange.event, strange.agent) == (fact, fact.agent)
    assert centre.engine.snapshot() == before


@pytest.mark.parametrize(
    "fact",
    [
        events.CallLeft(at=1, call=C1),
        events.OfferEnded(at=1, call=C1, agent=ANA, result=events.OfferResult.NO_ANSWER),
        events.TimerFired(at=1, name="position", key="c1"),
        events.TimerFired(at=1, name="ring", key="c1"),
        events.TimerFired(at=1, name="wrap_up", key="ana"),
    ],
)
def test_late_news_of_what_is_over_is_no_news(fact):
    centre = in_talk()
    assert centre.say(fact) == []
