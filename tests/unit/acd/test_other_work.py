"""Work that is not a call goes through the same engine; a call takes the whole agent."""

from __future__ import annotations

from acd import commands, events
from acd.model import AgentId, AgentState, CallId, Medium, QueueId
from tests.unit.acd.builders import CallCentre

TWO_CHATS = {Medium.CHAT: 2}


def chats(centre: CallCentre, *calls: str) -> None:
    for call in calls:
        centre.queued(call, medium=Medium.CHAT)


def test_an_agent_gets_so_many_chats_as_the_capacity_allows():
    centre = CallCentre()
    centre.ready("ana", capacity=TWO_CHATS)
    got = []
    for call in ("m1", "m2", "m3"):
        chats(centre, call)
        got += centre.offered
        centre.answered(call, "ana") if centre.offered else None
    assert got == [("m1", "ana"), ("m2", "ana")]
    assert centre.state("ana") is AgentState.READY
    centre.finished("m1", "ana")
    assert centre.offered == [("m3", "ana")]


def test_a_call_may_be_offered_while_other_work_is_open():
    centre = CallCentre()
    centre.ready("ana", capacity=TWO_CHATS)
    chats(centre, "m1")
    centre.answered("m1", "ana")
    centre.queued("c1")
    assert centre.offered == [("c1", "ana")]


def test_during_a_call_no_other_work_is_offered():
    centre = CallCentre()
    centre.ready("ana", capacity=TWO_CHATS)
    centre.queued("c1")
    centre.answered("c1", "ana")
    chats(centre, "m1")
    assert centre.offers == []
    centre.finished("c1", "ana")
    assert centre.offers == []
    centre.back("ana")
    assert centre.offered == [("m1", "ana")]


def test_a_freed_agent_gets_the_call_that_waits_and_no_chat_after_it():
    centre = CallCentre()
    chats(centre, "m1")
    centre.later(1).queued("c1")
    centre.later(1).queued("c2")
    centre.ready("ana", capacity=TWO_CHATS)
    assert centre.offered == [("m1", "ana"), ("c1", "ana")]


def test_one_piece_is_the_rule_and_none_where_none_is_allowed():
    centre = CallCentre()
    centre.ready("ana")
    centre.ready("bo", capacity={Medium.CHAT: 0})
    chats(centre, "m1", "m2")
    assert centre.offers == []
    assert [c.call for c in centre.engine.snapshot().callers if c.offered_to is None] == ["m2"]


def test_who_takes_no_calls_gets_chats_only():
    centre = CallCentre()
    centre.ready("ana", capacity={Medium.VOICE: 0})
    centre.queued("c1")
    assert centre.offers == []
    chats(centre, "m1")
    assert centre.offered == [("m1", "ana")]


def test_a_lost_phone_is_no_bar_to_work_beside_calls():
    centre = CallCentre()
    centre.phone("ana", reachable=False)
    centre.ready("ana")
    chats(centre, "m1")
    assert centre.offered == [("m1", "ana")]


def test_a_chat_that_was_not_taken_goes_to_the_next_and_the_limit_of_missed_offers_holds():
    centre = CallCentre()
    centre.ready("ana", missed_limit=1)
    centre.ready("bo")
    chats(centre, "m1")
    centre.missed("m1", "ana")
    assert centre.offered == [("m1", "bo")]
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "missed")


def test_a_visitor_who_leaves_makes_room():
    centre = CallCentre()
    centre.ready("ana")
    chats(centre, "m1", "m2")
    centre.hung_up("m1")
    assert centre.offered == [("m2", "ana")]


def test_signing_out_gives_the_offered_work_to_another():
    centre = CallCentre()
    centre.ready("ana")
    chats(centre, "m1")
    centre.ready("bo")
    centre.signed_out("ana")
    assert commands.WithdrawOffer(call=CallId("m1"), agent=AgentId("ana")) in centre.wishes
    assert centre.offered == [("m1", "bo")]


def test_a_piece_of_work_can_be_moved_away_from_the_desk_it_lies_on():
    centre = CallCentre()
    centre.ready("ana", repair=5)
    chats(centre, "m1")
    centre.say(events.CallMoved(at=centre.now, call=CallId("m1"), queue=QueueId("english")))
    assert centre.engine.agent(AgentId("ana")).work == ()
    chats(centre, "m2")
    assert centre.offered == [("m2", "ana")]


def test_no_way_out_is_taken_by_work_that_is_no_call():
    centre = CallCentre()
    chats(centre, "m1")
    assert centre.wished(commands.StartTimer) == []
