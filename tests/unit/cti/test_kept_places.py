"""Places kept for callers who hung up: each customer is called in turn, a few times, and never twice at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd import events as acd
from acd.commands import ReturnCall, StartTimer
from acd.model import AgentId, CallId
from crm_core.errors import NotFound, Refused
from crm_core.history import events as feed
from crm_core.history.events import Direction, HistoryEvent
from cti.contacts import Contact, Phase
from cti.deeds import Step
from cti.kept_places import CALLBACK, CallbackRules, KeptPlace, KeptPlaces
from cti.kept_records import replay
from cti.memory import Memory, load, save

NUMBER = "+8613900000001"


def waiting_caller(call: str = "1.1", caller: str = "13900000001", since: float = 100.0) -> Contact:
    return Contact(
        call=call, direction=Direction.INBOUND, channel="PJSIP/trunk-1", caller=caller, entry="400",
        phase=Phase.WAITING, queue="repair", queued_at=since, in_queue=True, language="zh-CN", matches=(7,),
    )  # fmt: skip


def attempt_contact(call: str, *, dialled: bool = True, reached: bool = False) -> Contact:
    return Contact(
        call=call, direction=Direction.OUTBOUND, channel="PJSIP/1001-1", caller=NUMBER, entry="",
        phase=Phase.DIALLING, customer_uniqueid="2.2" if dialled else "", answered_at=5.0 if reached else 0.0,
    )  # fmt: skip


def booked(places: KeptPlaces, at: float = 130.0) -> str:
    """Somebody who has waited since 100 books and hangs up; gives the engine's name of the place."""
    caller = waiting_caller()
    places.book(caller, NUMBER, at)
    return queued(places.contact_over(caller, at + 5)).call


def queued(steps: list[Step]) -> acd.CallQueued:
    (event,) = [step for step in steps if isinstance(step, acd.CallQueued)]
    return event


def turn(places: KeptPlaces, call: str, at: float) -> list[Step]:
    return places.turn(ReturnCall(call=CallId(call), agent=AgentId("1001"), why="next_in_line"), at)[1]


def records(steps: list[Step]) -> list[HistoryEvent]:
    return [step for step in steps if isinstance(step, HistoryEvent)]


def test_the_place_gets_into_the_line_when_the_caller_has_hung_up_and_not_before() -> None:
    places = KeptPlaces()
    caller = waiting_caller()
    steps = places.book(caller, NUMBER, 130.0)
    assert [type(record) for record in records(steps)] == [feed.CallbackBooked]
    assert not any(isinstance(step, acd.CallQueued) for step in steps)
    event = queued(places.contact_over(caller, 135.0))
    assert (event.callback, event.since, event.queue) == (True, 100.0, "repair")


def test_an_attempt_is_on_record_before_it_is_dialled_and_ends_the_callback_when_it_reaches() -> None:
    places = KeptPlaces()
    call = booked(places)
    (attempted,) = records(turn(places, call, 140.0))
    assert attempted == feed.CallbackAttempted(at=140.0, callback="1.1", call=call, agent="1001", attempt=1)
    (ended,) = records(places.contact_over(attempt_contact(call, reached=True), 200.0))
    assert ended == feed.CallbackEnded(at=200.0, callback="1.1", result="reached")
    assert not places.places


def test_who_is_not_reached_is_tried_again_later_with_the_place_kept_and_given_up_after_the_last_try() -> None:
    places = KeptPlaces(CallbackRules(most_tries=2, again_seconds=300))
    call = booked(places)
    turn(places, call, 140.0)
    steps = places.contact_over(attempt_contact(call), 160.0)
    assert records(steps) == [feed.CallbackPostponed(at=160.0, callback="1.1", due=460.0, tried=1)]
    assert StartTimer(name=CALLBACK, key="1.1", due=460.0) in steps
    again = queued(places.look_again("1.1", 460.0))
    assert again.since == 100.0
    assert again.call != call
    turn(places, again.call, 470.0)
    (ended,) = records(places.contact_over(attempt_contact(again.call), 480.0))
    assert ended == feed.CallbackEnded(at=480.0, callback="1.1", result="given_up")


def test_an_agents_phone_that_fails_is_no_try_of_the_customer() -> None:
    places = KeptPlaces(CallbackRules(most_tries=1))
    call = booked(places)
    turn(places, call, 140.0)
    (postponed,) = records(places.contact_over(attempt_contact(call, dialled=False), 141.0))
    assert isinstance(postponed, feed.CallbackPostponed)
    assert (postponed.tried, postponed.due) == (0, 146.0)


def test_a_turn_that_nobody_wants_any_more_frees_the_agent() -> None:
    places = KeptPlaces()
    call = booked(places)
    places.cancel("1.1", 139.0)
    place, steps = places.turn(ReturnCall(call=CallId(call), agent=AgentId("1001"), why="x"), 140.0)
    assert place is None
    assert steps == [acd.TalkEnded(at=140.0, call=CallId(call), agent=AgentId("1001"))]


def test_a_customer_who_calls_again_takes_the_place_and_is_not_called_meanwhile() -> None:
    places = KeptPlaces()
    call = booked(places)
    second = waiting_caller("3.3", since=900.0)
    place = places.of_contact(second)
    assert place is not None
    assert place.since == 100.0
    assert acd.CallLeft(at=900.0, call=CallId(call)) in places.is_back(second, 900.0)
    (ended,) = records(places.talks("3.3", 950.0))
    assert ended == feed.CallbackEnded(at=950.0, callback="1.1", result="returned")


def test_who_calls_again_and_hangs_up_again_keeps_the_place() -> None:
    places = KeptPlaces()
    booked(places)
    second = waiting_caller("3.3", since=900.0)
    places.is_back(second, 900.0)
    assert queued(places.contact_over(second, 950.0)).since == 100.0


def test_outside_the_hours_nobody_is_called() -> None:
    opens = {"at": 10_000.0}
    places = KeptPlaces(CallbackRules(opens=lambda at: max(at, opens["at"])))
    caller = waiting_caller()
    places.book(caller, NUMBER, 130.0)
    steps = places.contact_over(caller, 135.0)
    assert records(steps) == [feed.CallbackPostponed(at=135.0, callback="1.1", due=10_000.0)]
    call = queued(places.look_again("1.1", 10_000.0)).call
    opens["at"] = 50_000.0  # closed while it stood in the line
    steps = places.look_again("1.1", 20_000.0)
    assert acd.CallLeft(at=20_000.0, call=call) in steps
    assert StartTimer(name=CALLBACK, key="1.1", due=50_000.0) in steps


def test_a_supervisor_cancels_or_calls_first_but_not_during_an_attempt() -> None:
    places = KeptPlaces()
    call = booked(places)
    first = queued(places.call_now("1.1", 150.0))
    assert first.priority >= 1_000
    assert first.call == call
    turn(places, call, 160.0)
    with pytest.raises(Refused):
        places.cancel("1.1", 161.0)
    with pytest.raises(NotFound):
        places.call_now("9.9", 161.0)


def test_after_a_restart_the_records_alone_give_every_place_again() -> None:
    places = KeptPlaces()
    steps: list[Step] = []
    caller = waiting_caller()
    steps += places.book(caller, NUMBER, 130.0)
    steps += (entered := places.contact_over(caller, 135.0))
    steps += turn(places, queued(entered).call, 140.0)
    memory: dict[str, KeptPlace] = {}
    for record in records(steps):
        replay(memory, record)
    again = KeptPlaces(places=memory)
    assert (again.places["1.1"].attempt, again.places["1.1"].attempts) == ("cb-1.1-1", 1)
    live = again.settle({"cb-1.1-1"}, 150.0)
    assert live == []
    lost = again.settle(set(), 150.0)  # neither in Asterisk's list nor in its event log: it was never dialled
    assert [type(record) for record in records(lost)] == [feed.CallbackPostponed]
    assert queued(again.look_again("1.1", 155.0)).call == "cb-1.1-2"


def test_who_had_booked_and_still_hears_music_after_a_restart_is_not_called() -> None:
    memory = Memory()
    memory.replay(feed.ContactStarted(at=90.0, call="1.1", direction=Direction.INBOUND, caller="139", entry="400"))
    for record in records(KeptPlaces().book(waiting_caller(), NUMBER, 130.0)):
        memory.replay(record)
    places = KeptPlaces(places=memory.places)
    assert places.settle({"1.1"}, 140.0) == []
    assert memory.contacts["1.1"].result == feed.Outcome.CALLBACK
    assert queued(places.contact_over(memory.contacts["1.1"], 150.0)).since == 100.0


def test_the_memory_file_holds_the_places(tmp_path: Path) -> None:
    places = KeptPlaces()
    booked(places)
    save(Memory(1, places=places.places), tmp_path / "memory.json")
    assert load(tmp_path / "memory.json").places == places.places
