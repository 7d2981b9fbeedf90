"""A queue that is too long: overflow, limits, closing, and how long it will take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd import commands, events
from acd.model import AgentId, AgentState, CallId, Overflow, Queue, QueueId, Skill, WayOut
from tests.unit.acd.builders import CallCentre

EXPERTS = Queue(id=QueueId("experts"), skill=Skill("expert"), first_announcement_seconds=0, wrap_up_seconds=0)
REPAIR = Queue(id=QueueId("repair"), skill=Skill("repair"), first_announcement_seconds=0, wrap_up_seconds=0)
BY_WAIT = replace(REPAIR, overflow=(Overflow(to=EXPERTS.id, after_seconds=60),))
BY_EXPECTATION = replace(REPAIR, overflow=(Overflow(to=EXPERTS.id, expected_over_seconds=100),))


def moves(centre: CallCentre) -> list[tuple[str, str, str]]:
    return [(w.call, w.to, w.why) for w in centre.wishes if isinstance(w, commands.ReportCallMoved)]


def ways(centre: CallCentre) -> list[tuple[str, str, str]]:
    return [(w.call, w.way, w.why) for w in centre.wishes if isinstance(w, commands.DivertCall)]


def calls(centre: CallCentre) -> list[str]:
    return [caller.call for caller in centre.engine.snapshot().callers]


def test_a_caller_overflows_to_the_expert_second_line_after_the_wait():
    centre = CallCentre(BY_WAIT, EXPERTS)
    centre.ready("expert", expert=9)
    centre.queued("c1")
    centre.passes(59)
    assert (moves(centre), centre.offers) == ([], [])
    centre.passes(1)
    assert moves(centre) == [("c1", "experts", "overflow_wait")]
    assert centre.offered == [("c1", "expert")]


def test_a_caller_who_overflows_keeps_the_place():
    centre = CallCentre(BY_WAIT, EXPERTS)
    centre.queued("c1")
    centre.later(30).queued("c2", queue="experts")
    centre.passes(30)
    centre.ready("expert", expert=9)
    assert centre.offered == [("c1", "expert")]


def test_an_overflow_never_goes_round_in_circles():
    back = replace(EXPERTS, overflow=(Overflow(to=REPAIR.id, after_seconds=10),))
    centre = CallCentre(BY_WAIT, back)
    centre.queued("c1")
    centre.passes(1000)
    assert moves(centre) == [("c1", "experts", "overflow_wait")]
    assert calls(centre) == ["c1"]


@pytest.mark.parametrize("to", [None, replace(EXPERTS, is_open_for_calls=False)])
def test_nobody_overflows_to_a_queue_that_is_closed_or_was_removed(to):
    centre = CallCentre(BY_WAIT, *([to] if to else []))
    centre.queued("c1")
    centre.passes(1000)
    assert (moves(centre), calls(centre)) == ([], ["c1"])


def busy_hour(centre: CallCentre) -> None:
    """Three calls of two minutes each were served; ana talks to a fourth."""
    centre.ready("ana")
    for number in range(3):
        centre.queued(f"past{number}")
        centre.serve(f"past{number}", "ana", 120)
    centre.queued("busy")
    centre.answered("busy", "ana")


def test_the_expected_wait_is_position_times_handling_time_per_agent_on_duty():
    centre = CallCentre(replace(REPAIR, first_announcement_seconds=5))
    busy_hour(centre)
    centre.queued("c1")
    centre.queued("c2")
    assert [c.expected_wait for c in centre.engine.snapshot().callers] == [120, 240]
    centre.ready("bo", other=1)
    centre.say(events.AgentSkillsChanged(at=centre.now, agent=AgentId("bo"), skills={Skill("repair"): 1}))
    assert centre.offered == [("c1", "bo")]
    assert [c.expected_wait for c in centre.engine.snapshot().callers] == [None, 60]
    centre.passes(5)
    (told,) = centre.wished(commands.AnnouncePosition)
    assert told == commands.AnnouncePosition(call=CallId("c2"), position=1, expected_wait=60)


def test_nothing_is_promised_before_anything_was_observed_or_when_nobody_serves():
    centre = CallCentre(REPAIR)
    centre.queued("c1")
    assert centre.engine.snapshot().callers[0].expected_wait is None


def test_agents_who_serve_several_queues_count_for_the_share_that_they_give():
    english = Queue(id=QueueId("english"), skill=Skill("english"), first_announcement_seconds=0, wrap_up_seconds=0)
    centre = CallCentre(REPAIR, english)
    centre.ready("ana", repair=5, english=5)
    for number in range(200):
        queue = "english" if number % 2 else "repair"
        centre.queued(f"c{number}", queue=queue)
    for _ in range(100):
        busy = next(c for c in centre.engine.snapshot().callers if c.offered_to)
        centre.serve(busy.call, "ana", 60)
    first = next(c for c in centre.engine.snapshot().callers if c.position == 1 and c.queue == "repair")
    assert first.expected_wait == pytest.approx(120, rel=0.1)


def test_a_caller_overflows_as_soon_as_too_long_a_wait_is_expected():
    centre = CallCentre(BY_EXPECTATION, EXPERTS)
    busy_hour(centre)
    centre.ready("expert", expert=9)
    centre.queued("c1")
    assert moves(centre) == [("c1", "experts", "overflow_expected")]
    assert centre.offered == [("c1", "expert")]


def test_nobody_overflows_by_expectation_where_nobody_serves():
    centre = CallCentre(BY_EXPECTATION, EXPERTS)
    busy_hour(centre)
    centre.queued("c1")
    assert moves(centre) == []
    centre.ready("expert", expert=9)
    centre.passes(15)
    assert moves(centre) == [("c1", "experts", "overflow_expected")]


def test_a_queue_that_is_full_sends_the_next_caller_its_way():
    centre = CallCentre(replace(REPAIR, most_waiting=2, when_full=WayOut.VOICEMAIL))
    for call in ("c1", "c2", "c3"):
        centre.queued(call)
    assert ways(centre) == [("c3", WayOut.VOICEMAIL, "full")]
    assert calls(centre) == ["c1", "c2"]


def test_a_full_queue_is_no_bar_for_who_is_served_at_once():
    centre = CallCentre(replace(REPAIR, most_waiting=1, when_full=WayOut.VOICEMAIL))
    centre.ready("bo")
    centre.break_("bo")
    centre.queued("c1", only="bo")
    centre.ready("ana")
    centre.queued("c2")
    assert centre.offered == [("c2", "ana")]


def test_a_full_queue_overflows_when_it_has_somewhere_to_go():
    centre = CallCentre(replace(BY_WAIT, most_waiting=1), EXPERTS)
    centre.queued("c1")
    centre.queued("c2")
    assert moves(centre) == [("c2", "experts", "full")]


def test_who_waits_too_long_goes_the_way_of_the_queue_but_not_while_a_phone_rings():
    centre = CallCentre(replace(REPAIR, longest_wait_seconds=60, when_too_long=WayOut.CALLBACK))
    centre.queued("c1")
    centre.passes(50)
    centre.ready("ana")
    centre.passes(15)
    assert ways(centre) == []
    centre.signed_out("ana")
    assert ways(centre) == [("c1", WayOut.CALLBACK, "too_long")]
    assert calls(centre) == []


def test_a_closed_queue_takes_no_new_callers_and_loses_none_that_wait():
    centre = CallCentre(REPAIR)
    centre.queued("c1")
    closed = replace(REPAIR, is_open_for_calls=False)
    centre.say(events.QueuesChanged(at=centre.now, queues=(closed,)))
    centre.queued("c2")
    assert ways(centre) == [("c2", WayOut.GOODBYE, "closed")]
    centre.ready("ana")
    assert centre.offered == [("c1", "ana")]


def test_who_was_placed_by_a_person_or_is_to_be_called_back_knows_no_limits():
    closed = replace(REPAIR, is_open_for_calls=False, most_waiting=1, when_full=WayOut.GOODBYE)
    centre = CallCentre(closed)
    centre.ready("ana")
    centre.break_("ana")
    centre.queued("c1", only="ana")
    centre.queued("cb-1-1", callback=True)
    assert ways(centre) == []
    assert set(calls(centre)) == {"c1", "cb-1-1"}


def test_a_caller_of_a_queue_that_is_deleted_can_still_be_moved():
    centre = CallCentre(REPAIR, EXPERTS)
    centre.queued("c1")
    centre.say(events.QueuesChanged(at=centre.now, queues=(EXPERTS,)))
    assert calls(centre) == ["c1"]
    centre.say(events.CallMoved(at=centre.now, call=CallId("c1"), queue=EXPERTS.id))
    centre.ready("expert", expert=1)
    assert centre.offered == [("c1", "expert")]


def test_a_callback_hears_no_position_and_waits_its_turn():
    centre = CallCentre(replace(REPAIR, first_announcement_seconds=5))
    centre.queued("cb-1-1", callback=True, since=900)
    centre.queued("c1")
    centre.passes(20)
    assert [w.call for w in centre.wishes if isinstance(w, commands.AnnouncePosition)] == ["c1"]
    centre.ready("ana")
    assert [w.call for w in centre.wishes if isinstance(w, commands.ReturnCall)] == ["cb-1-1"]
    assert centre.state("ana") is AgentState.TALKING


def test_there_are_never_more_returns_than_free_agents():
    centre = CallCentre(REPAIR)
    for number in range(5):
        centre.queued(f"cb-{number}-1", callback=True)
    centre.ready("ana")
    centre.ready("bo")
    busy = [a for a in centre.engine.snapshot().agents if a.state is AgentState.TALKING]
    assert (len(busy), len(calls(centre))) == (2, 3)
