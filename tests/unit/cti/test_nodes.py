"""Two Asterisks as one: whose channel is whose, what is sent where, and whom a caller on either can be given to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_core.history.events import Direction, Outcome
from cti import facts as f
from cti.adoption import compare
from cti.book import ContactBook
from cti.cel import CelPosition, read_since
from cti.contacts import Contact, Phase
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.frames import Frame
from cti.memory import load
from cti.node_marks import mark, mark_log, node_of
from cti.node_state import SETTLE_SECONDS, Nodes, NodeState
from cti.nodes import NodeLinks
from cti.translate import translate
from tests.unit.cti.streams import all_names, frames
from tests.unit.cti.test_calls import ends
from tests.unit.cti.test_restart import cel

OURS = "PJSIP/1018-00000003"
THEIRS = "PJSIP/1018-00000003@b"


class Link:
    """One node's link that writes down what is sent."""

    def __init__(self, node: str, connected: bool = True, refuses: str = "") -> None:
        self.node, self.connected, self._refuses = node, connected, refuses
        self.sent: list[dict[str, Any]] = []

    async def send(self, action: dict[str, Any], *, seconds: float = 0.0) -> Frame:
        if self._refuses:
            raise AsteriskRefused(action["Action"], self._refuses)
        self.sent.append(action)
        return Frame(b"Response: Success", "")

    async def ask(self, action: dict[str, Any], *, seconds: float = 0.0) -> list[Frame]:
        if not self.connected:
            raise AsteriskUnreachable(action["Action"])
        return [Frame(b"Event: CoreShowChannel\r\nLinkedid: " + (self.node or "a").encode(), "CoreShowChannel")]


def links(*of: Link, given_up: Callable[[str], bool] = lambda _: False) -> NodeLinks:
    return NodeLinks(of, given_up)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [name for name in all_names() if not name.startswith(("forged", "hostile"))])
def test_what_a_second_asterisk_tells_is_the_same_but_for_the_marks_on_its_channels(name: str) -> None:
    for frame in frames(name):
        marked = mark(frame, "b")
        assert repr(translate(marked)).replace("@b", "") == repr(translate(frame))
        names = re.fullmatch(r"\S+-[0-9a-f]{8}(;[12])?", frame.get("Channel"))
        assert node_of(marked.get("Channel")) == ("b" if names else "")
        assert marked.node == "b"


async def test_an_action_goes_to_the_asterisk_of_its_channel_and_without_the_mark() -> None:
    a, b = Link(""), Link("b")
    both = links(a, b)
    await both.send({"Action": "Hangup", "Channel": OURS})
    await both.send({"Action": "Setvar", "Channel": THEIRS, "Variable": "HL_PEER", "Value": "PJSIP/trunk-0000000a@b"})
    await both.send(
        {"Action": "Originate", "Channel": "PJSIP/2001", "Variable": [f"HL_SPIED={THEIRS}", "HL_AGENT=1018"]}
    )
    assert [action["Action"] for action in a.sent] == ["Hangup"]
    assert [action["Action"] for action in b.sent] == ["Setvar", "Originate"]
    assert (b.sent[0]["Channel"], b.sent[0]["Value"]) == (OURS, "PJSIP/trunk-0000000a")
    assert b.sent[1]["Variable"][0] == f"HL_SPIED={OURS}"


async def test_an_ear_for_live_text_is_opened_where_the_talk_is_although_its_address_looks_like_a_channel() -> None:
    a, b = Link(""), Link("b")
    place = "AudioSocket/127.0.0.1:4580/0f8fad5b-d9cb-469f-a165-70867728950e"
    await links(a, b).send({"Action": "Originate", "Channel": place, "Variable": [f"HL_SPIED={THEIRS}"]})
    assert (len(a.sent), len(b.sent)) == (0, 1)


async def test_a_new_call_takes_turns_and_leaves_out_who_is_away() -> None:
    a, b = Link(""), Link("b")
    both = links(a, b)
    for _ in range(4):
        await both.send({"Action": "Originate", "Channel": "PJSIP/13800000001@trunk"})
    assert (len(a.sent), len(b.sent)) == (2, 2)
    a.connected = False
    await both.send({"Action": "Originate", "Channel": "PJSIP/13800000001@trunk"})
    assert (len(a.sent), len(b.sent)) == (2, 3)
    b.connected = False
    with pytest.raises(AsteriskUnreachable):
        await both.send({"Action": "Originate", "Channel": "PJSIP/13800000001@trunk"})


async def test_what_is_said_to_all_reaches_all_and_an_id_finds_its_own() -> None:
    a, b = Link(""), Link("b")
    await links(a, b).send({"Action": "Setvar", "Variable": "HL_ALIVE", "Value": "1"})
    assert len(a.sent) == len(b.sent) == 1
    stranger = Link("", refuses="No such channel")
    await links(stranger, b).send({"Action": "Hangup", "Channel": "spy-1a2b"})
    assert len(b.sent) == 2
    with pytest.raises(AsteriskRefused):
        await links(stranger, Link("b", refuses="No such channel")).send({"Action": "Hangup", "Channel": "spy-1"})


async def test_a_list_is_of_all_unless_the_calls_of_one_are_known_to_be_over() -> None:
    a, b = Link(""), Link("b", connected=False)
    with pytest.raises(AsteriskUnreachable):
        await links(a, b).ask({"Action": "CoreShowChannels"})
    rows = await links(a, b, given_up=lambda name: name == "b").ask({"Action": "CoreShowChannels"})
    assert [row.get("Linkedid") for row in rows] == ["a"]


async def test_an_action_for_an_asterisk_that_is_away_is_not_sent_to_the_other() -> None:
    a, b = Link(""), Link("b", connected=False)
    with pytest.raises(AsteriskUnreachable):
        await links(a, b).send({"Action": "Hangup", "Channel": THEIRS})
    assert a.sent == []


def test_the_event_log_of_the_second_is_marked_in_channels_and_in_what_the_dialplan_says(tmp_path: Path) -> None:
    file = tmp_path / "cel.csv"
    extra = "agent=1018|leg=9.1-1|dialstatus=ANSWER|source=PJSIP/1018-0000000f"
    file.write_text(cel("HLOFFEREND", 5.0, name="PJSIP/trunk-00000009", extra=extra))
    [fact], _ = read_since(file, CelPosition(), "b")
    assert isinstance(fact, f.Told)
    assert (fact.channel, fact.headers["Source"]) == ("PJSIP/trunk-00000009@b", "PJSIP/1018-0000000f@b")
    assert mark_log(file.read_text(), "") == file.read_text()


def nodes(now: float = 0.0) -> Nodes:
    both = [NodeState("", Path("a")), NodeState("b", Path("b"))]
    for node in both:
        node.connected, node.up_since = True, now - SETTLE_SECONDS
    return Nodes(both)


def test_an_agent_can_be_given_a_caller_when_every_asterisk_that_is_up_reaches_the_phone() -> None:
    both = nodes()
    both[""].phones["1018"], both["b"].phones["1018"] = True, False
    assert not both.reaches("1018", 0.0)
    both["b"].connected = False
    assert both.reaches("1018", 0.0)
    both["b"].connected, both["b"].up_since = True, -1.0  # came up a second ago: phones are on their way to it
    assert both.reaches("1018", 0.0)
    assert not both.reaches("1018", SETTLE_SECONDS)
    both[""].connected = False
    assert not both.reaches("1018", 0.0)


def contact(call: str, channel: str = "", direction: Direction = Direction.INBOUND) -> Contact:
    return Contact(
        call=call, direction=direction, channel=channel, caller="139", entry="400", phase=Phase.WAITING, started_at=1.0
    )


@pytest.mark.parametrize(
    ("one", "home"),
    [
        (contact("1.1", "PJSIP/trunk-00000001"), ""),
        (contact("b-1.1", "PJSIP/trunk-00000001@b"), "b"),
        (contact("b-1.1"), "b"),
        (contact("1.1"), ""),
        (contact("out-1-ab", "PJSIP/1018-00000001@b", Direction.OUTBOUND), "b"),
        (contact("out-1-ab", "", Direction.OUTBOUND), None),
    ],
)
def test_a_contact_lives_where_its_channel_does(one: Contact, home: str | None) -> None:
    assert nodes().home(one) == home


def test_a_call_of_ours_that_nobody_has_shown_is_judged_only_when_all_were_asked() -> None:
    both, ordered = nodes(), contact("out-1-ab", "", Direction.OUTBOUND)
    assert both.is_on(ordered, both[""])
    both["b"].connected = False
    assert not both.is_on(ordered, both[""])
    both["b"].given_up = True
    assert both.is_on(ordered, both[""])


def test_the_end_of_one_asterisk_interrupts_its_own_calls_and_no_other() -> None:
    both, book = nodes(), ContactBook()
    mine, theirs = contact("1.1", "PJSIP/trunk-00000001"), contact("b-1.1", "PJSIP/trunk-00000001@b")
    for one in (mine, theirs):
        book.start(one, 1.0)
    book.take()
    steps = compare(book, [], 9.0, interrupted=True, is_mine=lambda one: both.is_on(one, both["b"]))
    assert [(end.call, end.outcome) for end in ends(steps)] == [("b-1.1", Outcome.LOST)]
    assert list(book.contacts) == ["1.1"]


def test_who_is_cut_off_in_the_menu_was_not_served_by_it_but_whoever_booked_a_callback_has_it() -> None:
    book = ContactBook()
    cut, booked = contact("b-1.1", "PJSIP/trunk-00000001@b"), contact("b-1.2", "PJSIP/trunk-00000002@b")
    cut.phase, cut.result = Phase.MENU, Outcome.MENU_ONLY  # the session of a dead Asterisk ends as if by the caller
    booked.phase, booked.result = Phase.LEAVING, Outcome.CALLBACK
    for one in (cut, booked):
        one.answered_at = 2.0
        book.start(one, 1.0)
    book.take()
    steps = compare(book, [], 9.0, interrupted=True)
    assert {end.call: end.outcome for end in ends(steps)} == {"b-1.1": Outcome.LOST, "b-1.2": Outcome.CALLBACK}


def test_a_memory_of_before_there_could_be_two_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "telephony.json"
    file.write_text(
        '{"form":1,"number":7,"contacts":[],"agents":{},"ended":[],"cel":{"inode":3,"offset":9},'
        '"asterisk_started":"2026-11-27 08:00","in_step_until":5.0,"places":[]}'
    )
    memory = load(file)
    assert (memory.nodes[""].cel, memory.nodes[""].started) == (CelPosition(3, 9), "2026-11-27 08:00")
