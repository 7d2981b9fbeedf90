"""What a waiting caller hears, and what a restarted platform finds."""

from dataclasses import replace

from acd import commands, events
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill, WayOut
from acd.selection import Why
from tests.unit.acd.builders import REPAIR, CallCentre

ANA = AgentId("ana")


def test_the_position_is_told_after_the_first_seconds_and_then_again():
    centre = CallCentre()
    centre.queued("c1")
    assert centre.wishes == [commands.StartTimer(name="position", key="c1", due=1015)]
    centre.queued("c2")
    centre.later(15).timer("position", "c2")
    assert centre.wishes == [
        commands.AnnouncePosition(call=CallId("c2"), position=2),
        commands.StartTimer(name="position", key="c2", due=1060),
    ]


def test_no_position_is_told_while_a_phone_rings_for_the_caller():
    centre = CallCentre()
    centre.queued("c1")
    centre.ready("ana")
    assert commands.CancelTimer(name="position", key="c1") in centre.wishes
    centre.later(15).timer("position", "c1")
    assert centre.wishes == []


def test_a_caller_back_from_an_offer_hears_the_position_when_it_was_due():
    centre = CallCentre()
    centre.queued("c1")
    centre.ready("ana")
    centre.later(3).signed_out("ana")
    assert commands.StartTimer(name="position", key="c1", due=1015) in centre.wishes


def test_a_queue_may_tell_no_positions():
    centre = CallCentre(Queue(id=QueueId("repair"), skill=Skill("repair"), first_announcement_seconds=0))
    centre.queued("c1")
    assert centre.wishes == []


def test_a_queue_may_tell_the_position_once():
    centre = CallCentre(Queue(id=QueueId("repair"), skill=Skill("repair"), announce_every_seconds=0))
    centre.queued("c1")
    centre.later(15).timer("position", "c1")
    assert centre.wishes == [commands.AnnouncePosition(call=CallId("c1"), position=1)]
    centre.ready("ana")
    centre.signed_out("ana")
    assert centre.wished(commands.StartTimer) == []


def test_positions_close_up_when_somebody_leaves():
    centre = CallCentre()
    for call in ("c1", "c2", "c3"):
        centre.later(1).queued(call)
    centre.hung_up("c1")
    assert [(c.call, c.position) for c in centre.engine.snapshot().callers] == [("c2", 1), ("c3", 2)]


def test_an_offer_without_news_is_looked_into_and_not_cut():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    assert commands.StartTimer(name="ring", key="c1", due=1025) in centre.wishes
    centre.later(25).timer("ring", "c1")
    assert len(centre.wished(commands.ReportStrange)) == 1
    assert centre.wished(commands.WithdrawOffer) == []
    assert centre.state("ana") is AgentState.RINGING


def found_waiting(centre: CallCentre, call: str, since: float) -> None:
    centre.say(events.CallFoundWaiting(at=centre.now, call=CallId(call), queue=QueueId("repair"), since=since))


def test_callers_found_after_a_restart_keep_their_order():
    centre = CallCentre()
    found_waiting(centre, "late", 990)
    found_waiting(centre, "early", 900)
    centre.ready("ana")
    assert centre.offers == [("early", "ana", Why.NEXT_IN_LINE)]


def test_a_talk_found_after_a_restart_belongs_to_the_agent_who_signs_in():
    centre = CallCentre()
    centre.say(events.CallFoundTalking(at=centre.now, call=CallId("c1"), agent=ANA, since=950))
    centre.ready("ana", repair=5)
    view = centre.engine.agent(ANA)
    assert view is not None
    assert (view.state, view.since) == (AgentState.TALKING, 950)
    centre.finished("c1", "ana")
    assert centre.state("ana") is AgentState.WRAP_UP


def test_after_call_work_of_a_talk_found_after_a_restart_lasts_as_its_queue_says():
    quick = Queue(id=QueueId("quick"), skill=Skill("repair"), wrap_up_seconds=2)
    centre = CallCentre(quick)
    centre.ready("ana")
    found = events.CallFoundTalking(at=centre.now, call=CallId("c1"), agent=ANA, since=990, queue=quick.id)
    centre.say(found)
    centre.finished("c1", "ana")
    assert commands.StartTimer(name="wrap_up", key="ana", due=centre.now + 2) in centre.wishes
    centre.say(events.AgentBecameReady(at=centre.now, agent=ANA))
    centre.say(replace(found, wrap_up_seconds=9))
    centre.finished("c1", "ana")
    assert commands.StartTimer(name="wrap_up", key="ana", due=centre.now + 9) in centre.wishes


def test_an_agent_on_a_break_who_is_found_talking_returns_to_the_break():
    centre = CallCentre()
    centre.ready("ana")
    centre.break_("ana", "lunch")
    centre.say(events.CallFoundTalking(at=centre.now, call=CallId("c1"), agent=ANA, since=990))
    centre.finished("c1", "ana")
    centre.later(30).timer("wrap_up", "ana")
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "lunch")


def test_a_ringing_phone_found_after_a_restart_goes_on_as_an_offer():
    centre = CallCentre()
    centre.say(events.CallFoundRinging(at=centre.now, call=CallId("c1"), queue=QueueId("repair"), since=990, agent=ANA))
    centre.ready("ana", repair=5)
    centre.ready("bo", repair=1)
    centre.missed("c1", "ana")
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]


def test_a_call_found_talking_is_no_longer_offered_to_another():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    centre.say(events.CallFoundTalking(at=centre.now, call=CallId("c1"), agent=AgentId("bo"), since=995))
    assert (centre.state("ana"), centre.state("bo")) == (AgentState.READY, AgentState.TALKING)
    assert centre.engine.snapshot().callers == ()


def test_an_agent_found_talking_to_another_frees_the_caller_thought_to_be_ringing():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    centre.say(events.CallFoundTalking(at=centre.now, call=CallId("other"), agent=ANA, since=995))
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]


def test_a_phone_found_ringing_for_another_frees_the_caller_it_was_thought_to_ring_for():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    ringing = events.CallFoundRinging(
        at=centre.now, call=CallId("other"), queue=QueueId("repair"), since=990, agent=ANA
    )
    centre.say(ringing)
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]


def test_a_call_thought_to_talk_and_found_waiting_is_offered_again():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    centre.answered("c1", "ana")
    found_waiting(centre, "c1", 1000)
    assert centre.offers == [("c1", "ana", Why.NEXT_IN_LINE)]


def test_a_kept_place_is_not_turned_away_for_the_time_that_the_caller_was_not_there():
    queue = replace(REPAIR, longest_wait_seconds=600, when_too_long=WayOut.VOICEMAIL)
    centre = CallCentre(queue)
    wishes = centre.queued("back", since=centre.now - 3_000)
    assert not any(isinstance(wish, commands.DivertCall) for wish in wishes)
    assert any(isinstance(w, commands.StartTimer) and w.due == centre.now + 600 for w in wishes)
