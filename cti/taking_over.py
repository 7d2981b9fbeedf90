"""The talk that a supervisor listens to, and what it takes to have it go on with the supervisor. No I/O, no clock."""

from __future__ import annotations

from acd import events as acd
from acd.model import AgentId, AgentState, CallId
from crm_core.history.events import EndedBy
from cti import facts as f
from cti import sound
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Phase
from cti.deeds import Step
from cti.node_marks import node_of
from cti.supervisor_leg import Supervision


def talk_of(book: ContactBook, agent: str) -> Contact | None:
    """The contact with whose customer this agent talks."""
    for contact in book.contacts.values():
        leg = contact.leg
        if leg is not None and leg.agent == agent and leg.answered_at and leg.channel:
            return contact
    return None


def node_of_talk(book: ContactBook, agent: str) -> str:
    """The Asterisk in which this agent talks."""
    talk = talk_of(book, agent)
    return node_of(talk.leg.channel) if talk is not None and talk.leg is not None else ""


def can_be_taken(talk: Contact) -> bool:
    """An outgoing call hangs on the agent's own channel; in a consult the customer is elsewhere."""
    return talk.is_inbound and talk.phase is Phase.TALKING


def reserve_leg(talk: Contact) -> str:
    """The id of the supervisor's leg of this talk; a take-over that fails leaves it unused."""
    leg = f"{talk.call}-{len(talk.leg_ids) + 1}"
    talk.leg_ids.add(leg)
    return leg


def hand_over(book: ContactBook, contact: Contact, one: Supervision, fact: f.BridgeEntered) -> list[Step]:
    """The talk of the agent is over, the supervisor's has begun: a leg and a recording of its own."""
    before = contact.leg
    steps: list[Step] = []
    if before is not None:
        book.end_talk(contact, fact.at, EndedBy.SYSTEM)
        steps = [step for step in book.take() if not isinstance(step, acd.TalkEnded)]
        call, to = CallId(contact.call), AgentId(one.supervisor)
        steps += [
            acd.AgentBeganCall(at=fact.at, call=call, agent=to),
            acd.CallHandedOver(at=fact.at, call=call, agent=AgentId(before.agent), to=to),
        ]
        if one.was_ready:
            steps.append(acd.AgentPlannedNext(at=fact.at, agent=to, state=AgentState.READY))
    leg = Leg(one.leg, one.supervisor, contact.queue, "take_over", fact.at, fact.channel, fact.uniqueid)
    leg.file, leg.recorded_at = one.file, fact.at
    contact.leg_ids.discard(leg.id)
    book.take_over_leg(contact, leg)
    book.begin_talk(contact, leg, fact.at)
    sound.begins(book, contact)
    return steps + book.take()
