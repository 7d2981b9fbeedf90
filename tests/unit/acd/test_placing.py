"""A supervisor, or a colleague, places a caller; and work that comes back."""

import pytest

from acd import commands, events
from acd.model import AgentId, AgentState, CallId, QueueId, Skill
from acd.refusals import AgentAway, AgentNotFree, LacksSkill, NoLongerWaiting, NoSuchQueue
from acd.selection import Why
from tests.unit.acd.builders import CallCentre

ANA, BO, C1 = AgentId("ana"), AgentId("bo"), CallId("c1")


def move(centre: CallCentre, call: str, queue: str) -> None:
    centre.say(events.CallMoved(at=centre.now, call=CallId(call), queue=QueueId(queue)))


def assign(centre: CallCentre, call: str, agent: str) -> None:
    centre.say(events.CallAssigned(at=centre.now, call=CallId(call), agent=AgentId(agent)))


def transferred(centre: CallCentre, call: str, agent: str, seconds: float = 30.0) -> None:
    centre.say(
        events.CallQueued(
            at=centre.now,
            call=CallId(call),
            queue=QueueId("repair"),
            reserved_for=AgentId(agent),
            reserved_seconds=seconds,
        )
    )


def test_a_moved_caller_keeps_the_place_that_the_waiting_has_earned():
    centre = CallCentre()
    centre.queued("c1")
    centre.later(10).queued("c2", queue="english")
    centre.later(10)
    move(centre, "c1", "english")
    assert centre.wishes[-2:-1] == [
        commands.ReportCallMoved(call=C1, at=centre.now, queue=QueueId("repair"), to=QueueId("english"), why="moved")
    ]
    centre.ready("ana", english=5)
    assert centre.offers[0][:2] == ("c1", "ana")


def test_a_caller_moved_to_a_queue_with_a_free_agent_is_offered_at_once():
    centre = CallCentre()
    centre.queued("c1")
    centre.ready("ana", english=5)
    move(centre, "c1", "english")
    assert centre.offers == [("c1", "ana", Why.ONLY_FREE)]


def test_a_caller_whose_phone_rings_is_taken_from_it_when_moved():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    move(centre, "c1", "english")
    assert commands.WithdrawOffer(call=C1, agent=ANA) in centre.wishes
    assert (centre.state("ana"), centre.offers) == (AgentState.READY, [])


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (events.CallMoved(at=1, call=C1, queue=QueueId("typo")), NoSuchQueue),
        (events.CallMoved(at=1, call=CallId("gone"), queue=QueueId("english")), NoLongerWaiting),
        (events.CallPromoted(at=1, call=CallId("gone")), NoLongerWaiting),
        (events.CallAssigned(at=1, call=C1, agent=AgentId("nobody")), AgentAway),
        (events.CallAssigned(at=1, call=C1, agent=AgentId("english-only")), LacksSkill),
        (events.CallAssigned(at=1, call=C1, agent=AgentId("eating")), AgentNotFree),
        (events.AgentForced(at=1, agent=AgentId("nobody"), state=AgentState.READY), AgentAway),
        (events.ConsultBegan(at=1, call=CallId("x"), agent=AgentId("nobody")), AgentAway),
        (events.ConsultBegan(at=1, call=CallId("x"), agent=AgentId("eating")), AgentNotFree),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_a_sentence_and_changes_nothing(wish, refusal):
    centre = CallCentre()
    centre.queued("c1")
    centre.ready("english-only", english=5)
    centre.say(
        events.AgentSignedIn(
            at=1000, agent=AgentId("eating"), skills={Skill("repair"): 5}, state=AgentState.BREAK, reason="l"
        )
    )
    before = centre.engine.snapshot()
    with pytest.raises(refusal):
        centre.say(wish)
    assert centre.engine.snapshot() == before


def test_a_promoted_caller_is_served_before_all_others_of_the_queue():
    centre = CallCentre()
    centre.queued("c1", priority=7)
    centre.later(1).queued("c2")
    centre.say(events.CallPromoted(at=centre.now, call=CallId("c2")))
    centre.ready("ana")
    assert centre.offers[0][:2] == ("c2", "ana")


def test_only_the_assigned_agent_may_take_the_caller():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("busy")
    centre.answered("busy", "ana")
    centre.queued("c1")
    assign(centre, "c1", "ana")
    centre.ready("bo")
    assert centre.offers == []
    centre.finished("busy", "ana")
    centre.back("ana")
    assert centre.offers[0][:2] == ("c1", "ana")


def test_a_reservation_ends_and_then_everybody_may_take_the_caller():
    centre = CallCentre()
    centre.ready("bo")
    centre.ready("ana")
    centre.break_("ana")
    transferred(centre, "c1", "ana")
    assert centre.offers == []
    centre.later(30).timer("patience", "c1")
    assert centre.offers[0][:2] == ("c1", "bo")


def test_a_reservation_ends_when_the_agent_leaves():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("busy")
    centre.answered("busy", "ana")
    centre.finished("busy", "ana")
    transferred(centre, "c1", "ana")
    centre.ready("bo")
    assert centre.offers == []
    centre.signed_out("ana")
    assert centre.offers[0][:2] == ("c1", "bo")


def test_a_transfer_to_a_free_agent_rings_there_even_without_the_skill():
    centre = CallCentre()
    centre.ready("ana", english=5)
    centre.ready("bo", repair=9)
    transferred(centre, "c1", "ana")
    assert centre.offers[0][:2] == ("c1", "ana")


def test_a_callback_takes_a_free_agent_at_once_and_is_no_offer():
    centre = CallCentre()
    centre.say(
        events.CallQueued(at=centre.now, call=CallId("cb-1-1"), queue=QueueId("repair"), since=900, callback=True)
    )
    centre.ready("ana")
    assert [w.call for w in centre.wishes if isinstance(w, commands.ReturnCall)] == ["cb-1-1"]
    assert centre.state("ana") is AgentState.TALKING
    assert centre.engine.snapshot().callers == ()
    centre.finished("cb-1-1", "ana")
    assert centre.state("ana") is AgentState.WRAP_UP


def test_a_forced_break_silences_the_phone_and_gives_the_caller_to_another():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    centre.say(events.AgentForced(at=centre.now, agent=ANA, state=AgentState.BREAK, reason="supervisor"))
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "supervisor")
    assert centre.offers[0][:2] == ("c1", "bo")


@pytest.mark.parametrize("state", [AgentState.BREAK, AgentState.OFFLINE, AgentState.READY])
def test_a_state_forced_in_a_talk_follows_it(state):
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    centre.answered("c1", "ana")
    centre.say(events.AgentForced(at=centre.now, agent=ANA, state=state, reason="why"))
    assert centre.state("ana") is AgentState.TALKING
    centre.finished("c1", "ana")
    if state is not AgentState.OFFLINE:
        centre.later(30).timer("wrap_up", "ana")
    assert centre.state("ana") is state


def consulted() -> CallCentre:
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.queued("c1")
    centre.answered("c1", "ana")
    centre.ready("bo", repair=1)
    centre.say(events.ConsultBegan(at=centre.now, call=C1, agent=BO))
    return centre


def test_who_is_asked_by_a_colleague_is_offered_nothing_until_it_ends():
    centre = consulted()
    centre.queued("c2")
    assert (centre.state("bo"), centre.offers) == (AgentState.RINGING, [])
    centre.say(events.ConsultEnded(at=centre.now, call=C1, agent=BO))
    assert centre.offers[0][:2] == ("c2", "bo")


def test_after_an_answered_consult_comes_after_call_work():
    centre = consulted()
    centre.say(events.ConsultAnswered(at=centre.now, call=C1, agent=BO))
    assert (centre.state("ana"), centre.state("bo")) == (AgentState.TALKING, AgentState.TALKING)
    centre.say(events.ConsultEnded(at=centre.now, call=C1, agent=BO))
    assert (centre.state("ana"), centre.state("bo")) == (AgentState.TALKING, AgentState.WRAP_UP)


def test_a_call_that_is_handed_over_is_the_other_agents_and_over_for_the_first():
    centre = consulted()
    centre.say(events.ConsultAnswered(at=centre.now, call=C1, agent=BO))
    centre.say(events.CallHandedOver(at=centre.now, call=C1, agent=ANA, to=BO))
    assert (centre.state("ana"), centre.state("bo")) == (AgentState.WRAP_UP, AgentState.TALKING)
    centre.finished("c1", "bo")
    assert centre.state("bo") is AgentState.WRAP_UP


def test_both_agents_of_a_call_are_found_after_a_restart():
    centre = CallCentre()
    for agent, second in ((ANA, False), (BO, True), (ANA, False)):
        centre.say(events.CallFoundTalking(at=centre.now, call=C1, agent=agent, since=990, second=second))
    assert (centre.state("ana"), centre.state("bo")) == (AgentState.TALKING, AgentState.TALKING)


def test_a_phone_that_rings_for_a_colleague_and_is_lost_takes_nobodys_caller():
    centre = consulted()
    centre.queued("c2")
    centre.phone("bo", reachable=False)
    assert (centre.state("bo"), centre.wished(commands.WithdrawOffer)) == (AgentState.RINGING, [])


def test_a_caller_kept_for_an_agent_whose_phone_does_not_ring_is_kept_on_until_the_time_is_over():
    centre = CallCentre()
    centre.ready("ana")
    transferred(centre, "c1", "ana")
    centre.ready("bo")
    centre.missed("c1", "ana", events.OfferResult.UNREACHABLE)
    assert centre.offers == []
    centre.later(5).say(events.AgentReachabilityChanged(at=centre.now, agent=ANA, reachable=True))
    assert centre.offers[0][:2] == ("c1", "ana")


def test_a_caller_kept_for_an_agent_whose_phone_is_lost_while_it_rings_is_kept_on():
    centre = CallCentre()
    centre.ready("ana")
    transferred(centre, "c1", "ana")
    centre.ready("bo")
    centre.say(events.AgentReachabilityChanged(at=centre.now, agent=ANA, reachable=False))
    assert centre.offers == []
    centre.later(30).timer("patience", "c1")
    assert centre.offers[0][:2] == ("c1", "bo")


def test_nobody_waits_for_an_agent_who_has_signed_out():
    centre = CallCentre()
    centre.ready("bo")
    transferred(centre, "c1", "ana")
    assert centre.offers[0][:2] == ("c1", "bo")
