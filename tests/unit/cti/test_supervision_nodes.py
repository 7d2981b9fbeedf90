"""A supervisor goes from a talk in one Asterisk to a talk in the other: rung once more, never twice at once."""

from __future__ import annotations

from typing import Any

from crm_core.history import events as feed
from crm_core.history.events import Direction
from cti import facts as f
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Phase
from cti.supervision import Supervisions
from cti.supervisor_leg import Freed, Leave, Place, Ring, Supervision

LEADER = "2001"


def talk(book: ContactBook, call: str, agent: str, channel: str) -> None:
    more: dict[str, Any] = {"channel": "", "caller": "139", "entry": "400", "phase": Phase.TALKING, "started_at": 1.0}
    contact = Contact(call=call, direction=Direction.INBOUND, **more)
    contact.leg = Leg(f"{call}-1", agent, "repair", "", 1.0, channel, f"{call}-leg")
    contact.leg.answered_at = 2.0
    book.contacts[call] = contact


def listening() -> tuple[Supervisions, Supervision]:
    """2001 hears 1001 in the first Asterisk; 1002 and 1003 talk in the second, 1004 in the first."""
    book = ContactBook()
    talk(book, "1.1", "1001", "PJSIP/1001-00000001")
    talk(book, "1.2", "1004", "PJSIP/1004-00000002")
    talk(book, "b-1.1", "1002", "PJSIP/1002-00000001@b")
    talk(book, "b-1.2", "1003", "PJSIP/1003-00000002@b")
    supervisions = Supervisions(book)
    one = Supervision(LEADER, "1001", "1.1", "listen", "spy-1", 3.0, was_ready=True)
    supervisions.begin(one, 3.0)
    one.channel, one.connected = "PJSIP/2001-00000009", True
    supervisions.take()
    return supervisions, one


def wanted(agent: str, call: str, uniqueid: str, node: str = "b", mode: str = "listen") -> Supervision:
    return Supervision(LEADER, agent, call, mode, uniqueid, 4.0, node=node)


def ends(uniqueid: str, channel: str) -> f.ChannelHungUp:
    return f.ChannelHungUp(at=5.0, call=uniqueid, channel=channel, uniqueid=uniqueid, cause=16, sip_code=0)


def test_another_talk_in_the_same_asterisk_keeps_the_phone_that_is_in_the_hand() -> None:
    supervisions, one = listening()
    assert supervisions.change(one, wanted("1004", "1.2", "spy-2", "", "whisper"), 4.0) is one
    assert supervisions.wishes() == [Place(one)]


def test_a_talk_in_the_other_asterisk_ends_the_leg_and_rings_when_it_has_ended() -> None:
    supervisions, one = listening()
    fresh = supervisions.change(one, wanted("1002", "b-1.1", "spy-2"), 4.0)
    assert (fresh.uniqueid, fresh.node, fresh.was_ready) == ("spy-2", "b", True)
    assert supervisions.wishes() == [Leave("PJSIP/2001-00000009")]
    supervisions.tell(ends("spy-1", "PJSIP/2001-00000009"))
    assert supervisions.wishes() == [Ring(fresh)], "the supervisor is not set ready between"
    assert supervisions.of(LEADER) is fresh
    told = [(step.agent, step.mode) for step in supervisions.take() if isinstance(step, feed.SupervisionChanged)]
    assert told == [("1001", ""), ("1002", "listen")]
    supervisions.tell(ends("spy-2", "PJSIP/2001-00000001@b"))
    assert supervisions.wishes() == [Freed(LEADER)]


def test_who_changes_the_mind_before_the_phone_rings_hears_the_last_choice() -> None:
    supervisions, one = listening()
    supervisions.change(one, wanted("1002", "b-1.1", "spy-2"), 4.0)
    last = supervisions.change(one, wanted("1003", "b-1.2", "spy-3"), 4.1)
    assert supervisions.wishes() == [Leave("PJSIP/2001-00000009")]
    supervisions.tell(ends("spy-1", "PJSIP/2001-00000009"))
    assert supervisions.wishes() == [Ring(last)]
