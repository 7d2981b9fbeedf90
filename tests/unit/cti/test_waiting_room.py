"""What a waiting caller hears, and when nothing may be said: an announcement cuts whatever else is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from acd import commands as wish
from acd import events as acd
from acd.commands import StartTimer
from acd.model import AgentId, CallId, WayOut
from crm_core.history import events as feed
from crm_core.history.events import Direction, Outcome
from cti.book import ContactBook
from cti.contacts import Contact, Party, Phase
from cti.deeds import Step
from cti.kept_places import KeptPlaces
from cti.prompt_line import PromptFolder
from cti.waiting_room import COMFORT, COMFORT_SECONDS, WaitingRoom


@dataclass
class Telephones:
    """What would be done in Asterisk."""

    said: list[tuple[str, ...]] = field(default_factory=list)
    diverted: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    called: list[tuple[str, str, str]] = field(default_factory=list)
    live: list[int] = field(default_factory=list)

    def announce(self, channel: str, paths: tuple[str, ...], still: Callable[[], bool]) -> None:
        if still():
            self.said.append(tuple(Path(path).name for path in paths))

    def divert(
        self, channel: str, way: str, say: tuple[str, ...], thanks: tuple[str, ...], still: Callable[[], bool]
    ) -> None:
        if still():
            self.diverted.append((way, tuple(Path(path).name for path in say)))

    def call_back(
        self, call: str, agent: str, number: str, leg: str, customer: int | None, *, live: Callable[[], int]
    ) -> None:
        self.called.append((call, agent, number))
        self.live.append(live())


class Room:
    """A waiting room whose steps are kept."""

    def __init__(self) -> None:
        self.phones, self.book, self.steps = Telephones(), ContactBook(), list[Step]()
        prompts = PromptFolder(Path("prompts"), Path("joined"))
        self.room = WaitingRoom(self.book, KeptPlaces(), self.phones, prompts, self.carry_out)
        self.caller = Contact(
            call="1.1", direction=Direction.INBOUND, channel="PJSIP/trunk-1", caller="13900000001", entry="400",
            phase=Phase.WAITING, queue="repair", queued_at=100.0, in_queue=True, language="zh-CN", matches=(7,),
        )  # fmt: skip
        self.book.contacts["1.1"] = self.caller

    def carry_out(self, steps: Iterable[Step]) -> None:
        self.steps += steps

    def announce(self, position: int, expected: float | None = None, at: float = 115.0) -> None:
        self.room.carry_out(wish.AnnouncePosition(call=CallId("1.1"), position=position, expected_wait=expected), at)


@pytest.fixture
def room() -> Room:
    return Room()


def test_place_and_wait_are_told_and_the_first_time_also_the_choices(room: Room) -> None:
    room.announce(4, 110.0)
    room.announce(3, 50.0, at=160.0)
    assert room.phones.said == [("position-4", "wait-2", "choices"), ("position-3", "wait-short")]


def test_the_choices_are_not_named_where_the_queue_does_not_offer_them(room: Room) -> None:
    room.book.not_offered = {"repair": frozenset({"callback"})}
    room.announce(4)
    assert room.phones.said == [("position-4", "hold-on")]


def test_between_two_announcements_comes_comfort_another_each_time(room: Room) -> None:
    for at in (115.0, 160.0):
        room.announce(2, at=at)
        assert StartTimer(name=COMFORT, key="1.1", due=at + COMFORT_SECONDS) in room.steps
        assert room.room.fire(COMFORT, "1.1", at + COMFORT_SECONDS)
    assert [said[0] for said in room.phones.said] == ["position-2", "comfort-1", "position-2", "comfort-2"]


def test_nothing_is_said_to_who_is_asked_a_question_or_has_left(room: Room) -> None:
    room.caller.choosing = True
    room.announce(2)
    room.room.fire(COMFORT, "1.1", 140.0)
    room.caller.choosing, room.caller.phase = False, Phase.OFFERING
    room.announce(1)
    del room.book.contacts["1.1"]
    room.announce(1)
    assert room.phones.said == []


def test_a_way_out_says_why_and_keeps_the_reason(room: Room) -> None:
    room.room.carry_out(wish.DivertCall(call=CallId("1.1"), way=WayOut.GOODBYE, why="full"), 120.0)
    assert room.phones.diverted == [("goodbye", ("goodbye-full",))]
    assert (room.caller.phase, room.caller.result) == (Phase.LEAVING, Outcome.TURNED_AWAY)


def test_a_booked_caller_leaves_the_queue_at_once_and_the_engine_knows(room: Room) -> None:
    assert room.room.wants_callback("1.1", "+8613900000001", 130.0)
    assert acd.CallLeft(at=130.0, call=CallId("1.1")) in room.steps
    left = [step for step in room.steps if isinstance(step, feed.CallLeftQueue)]
    assert [step.result for step in left] == ["callback"]
    assert not room.caller.in_queue


def test_a_caller_for_whom_a_phone_rings_can_book_nothing(room: Room) -> None:
    room.caller.phase = Phase.OFFERING
    assert not room.room.wants_callback("1.1", "+8613900000001", 130.0)
    assert not room.room.wants_message("1.1", 130.0)
    assert room.steps == []


def test_the_turn_rings_the_agent_after_it_is_on_record(room: Room) -> None:
    room.room.wants_callback("1.1", "+8613900000001", 130.0)
    room.room.contact_over(room.caller, 135.0)
    (placed,) = [step for step in room.steps if isinstance(step, acd.CallQueued)]
    turn = wish.ReturnCall(call=placed.call, agent=AgentId("1018"), why="next_in_line")
    room.room.carry_out(turn, 140.0)
    assert any(isinstance(step, feed.CallbackAttempted) for step in room.steps)
    assert room.phones.called == [(placed.call, "1018", "8613900000001")]
    assert room.phones.live == [0], "a call does not count against itself"
    contact = room.book.contacts[placed.call]
    assert (contact.phase, contact.queue, contact.customer_id, contact.agent) == (Phase.DIALLING, "repair", 7, "1018")


def test_a_callback_counts_the_legs_that_its_agent_has_outside_already(room: Room) -> None:
    room.room.wants_callback("1.1", "+8613900000001", 130.0)
    room.room.contact_over(room.caller, 135.0)
    given = Party("1.2-2", "number", "8613900000002", "8613900000002", "1018", 131.0)
    for call, party in (("1.2", given), ("1.3", replace(given, by="1019"))):
        room.book.contacts[call] = replace(room.caller, call=call, phase=Phase.EXTERNAL, consult=party)
    placed = next(step.call for step in room.steps if isinstance(step, acd.CallQueued))
    room.room.carry_out(wish.ReturnCall(call=placed, agent=AgentId("1018"), why="next_in_line"), 140.0)
    assert room.phones.live == [1]


def test_a_caller_in_the_menu_books_a_place_in_the_first_queue_and_stays_in_the_menu(room: Room) -> None:
    room.caller.phase, room.caller.queue, room.caller.queued_at, room.caller.in_queue = Phase.MENU, "", 0.0, False
    assert not room.room.wants_callback_from_menu("1.1", "+8613900000001", 130.0)  # no queue is known yet
    room.book.first_queue = "repair"
    assert room.room.wants_callback_from_menu("1.1", "+8613900000001", 130.0)
    (booked,) = [step for step in room.steps if isinstance(step, feed.CallbackBooked)]
    assert (booked.queue, booked.since, booked.matches) == ("repair", 130.0, (7,))
    assert (room.caller.phase, room.caller.queue) == (Phase.MENU, "")
    room.room.contact_over(room.caller, 140.0)
    assert any(isinstance(step, acd.CallQueued) and step.queue == "repair" for step in room.steps)


def test_a_caller_who_waits_or_is_gone_books_nothing_as_if_in_the_menu(room: Room) -> None:
    room.book.first_queue = "repair"
    assert not room.room.wants_callback_from_menu("1.1", "+8613900000001", 130.0)
    assert not room.room.wants_callback_from_menu("9.9", "+8613900000001", 130.0)
