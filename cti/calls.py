"""Facts of Asterisk become changes of contacts: each has one beginning, its legs, and one end. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd import events as acd
from acd.model import AgentId, CallId, QueueId
from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy
from cti import facts as f
from cti import sound
from cti.attempts import attempt_of
from cti.book import DIALLED, PICKED_UP, ContactBook
from cti.campaign_calls import (
    customer_rang,
    forgotten_attempt,
    note_end_of_attempt,
)
from cti.contacts import Contact, Leg, Phase, cleaned_number
from cti.deeds import Remember, Step
from cti.line_tests import TESTS
from cti.outgoing import begin_dialling
from cti.parties import WITH_A_PARTY, take_ownership
from cti.party_facts import (
    customer_gone,
    customer_joined,
    leg_gone,
    party_answered,
    party_dialled,
    party_rang,
)
from cti.told import told
from cti.transfers import parked_too_long, picked_up
from cti.unexpected import is_agents, unexpected_leg

ENTRY_CONTEXT = "hl-in"
WAIT_CONTEXTS = frozenset({"hl-wait", "hl-campaign-agents"})


def tell(book: ContactBook, fact: f.Fact) -> list[Step]:
    """What follows from a fact. Facts that fit nothing known change nothing."""
    handler = _HANDLERS.get(type(fact))
    if handler is not None:
        handler(book, fact)
        if isinstance(fact, f.ChannelFact) and (contact := book.contacts.get(fact.call)) is not None:
            contact.seen_until = max(contact.seen_until, fact.at)
    return book.take()


def _appeared(book: ContactBook, fact: f.ChannelAppeared) -> None:
    contact = book.contacts.get(fact.call)
    if contact is None:
        if fact.uniqueid != fact.call or fact.call in book.ended:
            return
        if attempt_of(fact.call) is not None:
            book.start(forgotten_attempt(fact), fact.at)
        elif fact.context == ENTRY_CONTEXT and not fact.call.startswith(TESTS):
            book.start(_inbound(fact, book.published(cleaned_number(fact.exten))), fact.at)
    elif contact.owner == fact.uniqueid:
        contact.channel = contact.customer_channel = fact.channel
    elif not contact.is_inbound and fact.uniqueid == fact.call:
        contact.channel = fact.channel
        if contact.leg is not None:
            contact.leg.channel = fact.channel
    elif not contact.is_inbound and _is_dialling(contact) and not is_agents(fact.channel):
        contact.customer_channel, contact.customer_uniqueid = fact.channel, fact.uniqueid
        contact.customer_hung_up = False  # that was a carrier that failed, and here is the next one
        book.start(contact, fact.at)


def _is_dialling(contact: Contact) -> bool:
    """No line yet, or none that anybody has answered: the dialplan may try another carrier."""
    return not contact.customer_uniqueid or (contact.phase is Phase.DIALLING and not contact.answered_at)


def _inbound(fact: f.ChannelAppeared, entry: str) -> Contact:
    return Contact(
        call=fact.call,
        direction=Direction.INBOUND,
        channel=fact.channel,
        caller=cleaned_number(fact.caller),
        entry=entry,
        phase=Phase.RINGING_IN,
        customer_channel=fact.channel,
        customer_uniqueid=fact.uniqueid,
    )


def _answered(book: ContactBook, fact: f.ChannelAnswered) -> None:
    contact = book.contacts.get(fact.call)
    if contact is not None and fact.uniqueid == contact.customer_uniqueid:
        book.answer(contact, fact.at)
    elif (leg := _leg_of(book, fact)) is not None:
        leg.up = True
        book.rings(leg)


def _rang(book: ContactBook, fact: f.ChannelRang) -> None:
    party_rang(book, fact)
    customer_rang(book, fact)
    if (leg := _leg_of(book, fact)) is not None:
        book.rings(leg)


def _leg_of(book: ContactBook, fact: f.ChannelFact) -> Leg | None:
    contact = book.by_leg.get(fact.uniqueid)
    leg = contact.leg if contact else None
    return leg if leg is not None and leg.uniqueid == fact.uniqueid else None


def _music(book: ContactBook, fact: f.MusicBegan) -> None:
    contact = book.contacts.get(fact.call)
    if contact is None or fact.uniqueid != contact.own or fact.context not in WAIT_CONTEXTS:
        return
    contact.choosing = False
    if contact.phase is Phase.LEAVING and contact.in_queue:  # nothing came of the message: the caller waits on
        contact.phase = Phase.WAITING
        book.tell_waiting(contact, fact.at)
    elif contact.phase is Phase.PARKED and contact.leg is None:
        parked_too_long(book, contact, fact.at)
    elif book.enter_queue(contact, fact.at, fact.queue, fact.since, fact.priority):
        book.tell_waiting(contact, fact.at)


def _dial(book: ContactBook, fact: f.DialBegan) -> None:
    contact = book.contacts.get(fact.call)
    if contact is not None:
        party_dialled(book, contact, fact)
    leg = contact.leg if contact else None
    if contact is None or leg is None or leg.why == DIALLED or leg.channel:
        return
    if fact.leg_channel.startswith(f"PJSIP/{leg.agent}-"):
        book.watch_ringing(contact, leg, fact.leg_channel, fact.leg_uniqueid, fact.at)


def _joined(book: ContactBook, fact: f.BridgeEntered) -> None:
    party_answered(book, fact)
    customer_joined(book, fact)
    contact = book.by_leg.get(fact.uniqueid)
    unexpected = contact is None
    if contact is None:
        contact = unexpected_leg(book, fact)
    leg = contact.leg if contact else None
    if contact is None or leg is None or leg.uniqueid != fact.uniqueid:
        return
    leg.left_at = 0.0
    if leg.answered_at:
        return
    if not contact.is_inbound and not contact.customer_uniqueid:
        return
    call, agent = CallId(contact.call), AgentId(leg.agent)
    if unexpected or leg.withdrawn:
        queue = QueueId(contact.queue) if contact.queue else None
        book.add(acd.CallFoundTalking(at=fact.at, call=call, agent=agent, since=fact.at, queue=queue))
    elif leg.why not in (DIALLED, PICKED_UP):
        book.add(acd.CallAnswered(at=fact.at, call=call, agent=agent))
    book.begin_talk(contact, leg, fact.at)
    picked_up(book, contact, leg, fact.at)
    book.add(Remember(contact.channel, "HL_TALK", f"{fact.at:.6f}"))


def _parted(book: ContactBook, fact: f.BridgeLeft) -> None:
    contact = book.contacts.get(fact.call)
    leg = contact.leg if contact else None
    if contact is None or leg is None or not leg.answered_at or leg.left_at or contact.phase is not Phase.TALKING:
        return
    if fact.uniqueid in (leg.uniqueid, contact.customer_uniqueid):
        leg.left_at = fact.at


def _held(book: ContactBook, fact: f.ChannelHeld) -> None:
    leg, contact = _leg_of(book, fact), book.by_leg.get(fact.uniqueid)
    if contact is None or leg is None or not leg.answered_at or leg.hold_since:
        return
    leg.hold_since = fact.at
    book.add(
        Remember(fact.channel, "HL_HOLD", f"{fact.at:.6f}"),
        feed.HoldBegan(at=fact.at, call=contact.call, leg=leg.id, agent=leg.agent),
        acd.CallHeld(at=fact.at, call=CallId(contact.call), agent=AgentId(leg.agent)),
    )
    sound.settle(book, contact)


def _resumed(book: ContactBook, fact: f.ChannelResumed) -> None:
    leg, contact = _leg_of(book, fact), book.by_leg.get(fact.uniqueid)
    if contact is None or leg is None or not leg.hold_since:
        return
    leg.hold_since = 0.0
    book.add(
        Remember(fact.channel, "HL_HOLD", "0"),
        feed.HoldEnded(at=fact.at, call=contact.call, leg=leg.id, agent=leg.agent),
        acd.CallResumed(at=fact.at, call=CallId(contact.call), agent=AgentId(leg.agent)),
    )
    sound.settle(book, contact)


def _recorded(book: ContactBook, fact: f.RecordingBegan) -> None:
    contact = book.by_leg.get(fact.uniqueid)
    leg = contact.leg if contact else None
    if contact is not None and leg is not None and fact.leg in ("", leg.id):
        leg.file, leg.recorded_at, leg.missed = fact.file, fact.at, ""
        book.tell_recorded(contact, leg)
        sound.begins(book, contact)
    elif (other := book.contacts.get(fact.call)) is not None and other.leg is None:
        other.unclaimed_file = fact.file


def _hangup_asked(book: ContactBook, fact: f.HangupAsked) -> None:
    contact = book.contacts.get(fact.call)
    if contact is None:
        return
    if fact.uniqueid == contact.customer_uniqueid:
        contact.customer_hung_up = contact.customer_hung_up or not (contact.leg and contact.leg.hung_up)
    elif (leg := _leg_of(book, fact)) is not None:
        leg.sip_code = fact.sip_code
        leg.hung_up = not contact.customer_hung_up
    elif contact.consult is not None and fact.uniqueid == contact.consult.uniqueid:
        contact.consult.sip_code = fact.sip_code


def _outbound(book: ContactBook, fact: f.OutboundDialled) -> None:
    if fact.call not in book.contacts and fact.call not in book.ended and fact.agent:
        contact = begin_dialling(book, fact.call, fact.agent, cleaned_number(fact.number), customer_id=None, at=fact.at)
        contact.channel = fact.channel


def _owner(book: ContactBook, fact: f.OwnerChanged) -> None:
    contact = book.contacts.get(fact.call)
    if contact is not None and not contact.is_inbound:
        contact.customer_channel, contact.customer_uniqueid = fact.channel, fact.uniqueid
        take_ownership(contact)


def _hung_up(book: ContactBook, fact: f.ChannelHungUp) -> None:
    contact = book.contacts.get(fact.call)
    if contact is None:
        return
    leg = contact.leg
    note_end_of_attempt(contact, fact)
    if fact.uniqueid == contact.own:
        customer_gone(book, contact, fact.at)
        book.end(contact, fact.at)
    elif contact.phase in WITH_A_PARTY:
        leg_gone(book, contact, fact)
    elif leg is not None and fact.uniqueid == contact.customer_uniqueid:
        book.end_talk(contact, fact.at, EndedBy.AGENT if leg.hung_up else EndedBy.CUSTOMER)
    elif leg is not None and fact.uniqueid == leg.uniqueid and fact.sip_code:
        leg.sip_code = fact.sip_code


_HANDLERS: dict[type[f.Fact], Callable[[ContactBook, Any], None]] = {
    f.ChannelAppeared: _appeared,
    f.ChannelAnswered: _answered,
    f.ChannelRang: _rang,
    f.MusicBegan: _music,
    f.DialBegan: _dial,
    f.BridgeEntered: _joined,
    f.BridgeLeft: _parted,
    f.ChannelHeld: _held,
    f.ChannelResumed: _resumed,
    f.RecordingBegan: _recorded,
    f.RecordingMuted: sound.muted,
    f.HangupAsked: _hangup_asked,
    f.ChannelHungUp: _hung_up,
    f.Told: told,
    f.OutboundDialled: _outbound,
    f.OwnerChanged: _owner,
}
