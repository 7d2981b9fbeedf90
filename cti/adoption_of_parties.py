"""What a restarted platform makes of consults, conferences, parked and given-away calls that Asterisk shows. Pure."""

from __future__ import annotations

from acd import events as acd
from acd.model import AgentId, CallId, QueueId
from crm_core.history import events as feed
from crm_core.history.events import EndedBy
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Party, Phase
from cti.deeds import HangUp, Move
from cti.live import LiveCall, LiveLeg, LiveParty
from cti.parties import consult_over, hand_over, join, rejoin

_STATES = frozenset({"onhold", "conference", "parked", "external", "dropping"})


def correct_parties(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> bool:
    """False when this is an ordinary call, for `cti.adoption`."""
    outside = live.party is not None and live.leg is None and live.party.with_customer and live.party.kind != "agent"
    if live.state not in _STATES and not outside:
        _forget(book, contact, live, at)
        return False
    if live.up:
        book.answer(contact, at)
    if outside or live.state == "external":
        _external(book, contact, live.party, at)
    elif live.state == "parked":
        _parked(book, contact, live, at)
    elif live.state == "dropping":
        _no_agent(book, contact, at)
        contact.phase = Phase.DROPPING
    elif live.leg is None:
        _without_the_agent(book, contact, live, at)
    else:
        _two_parties(book, contact, live, live.leg, at)
    return True


def _forget(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> None:
    """An ordinary call: what was known of a second party, or of a slot, is over."""
    party = contact.consult
    if party is not None and (live.leg is None or live.leg.leg != party.leg):
        consult_over(book, contact, at, "party_gone" if party.answered_at else "not_reached")
    contact.consult = None
    if contact.slot and live.state != "offering":
        contact.slot, contact.parked_at = "", 0.0


def _no_agent(book: ContactBook, contact: Contact, at: float) -> None:
    book.end_talk(contact, at, EndedBy.SYSTEM)
    book.close_offer(contact, at, None)


def _external(book: ContactBook, contact: Contact, found: LiveParty | None, at: float) -> None:
    _no_agent(book, contact, at)
    contact.phase = Phase.EXTERNAL
    if found is None:
        return
    party = _party(book, contact, found, "", at)
    if found.with_customer and not party.joined_at:
        party.answered_at = party.answered_at or at
        join(book, contact, party, at)


def _party(book: ContactBook, contact: Contact, found: LiveParty, by: str, at: float) -> Party:
    """The second party as remembered, or as Asterisk shows it; with its channel."""
    party = contact.consult
    if party is None or party.leg != found.leg:
        party = Party(found.leg, found.kind, found.name, found.name, by, at)
        contact.leg_ids.add(found.leg)
        if by:
            book.add(
                feed.ConsultBegan(at=at, call=contact.call, leg=party.leg, by=by, kind=party.kind, party=party.name)
            )
    contact.consult = party
    party.channel, party.uniqueid, party.rang, party.ended = found.channel, found.uniqueid, True, ""
    book.by_leg[found.uniqueid] = contact
    return party


def _parked(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> None:
    _no_agent(book, contact, at)
    if not contact.slot:
        contact.slot, contact.parked_by = live.slot, contact.last_agent
        contact.parked_at = live.held_since or at
        book.add(feed.CallParked(at=contact.parked_at, call=contact.call, agent=contact.parked_by, slot=contact.slot))
    contact.phase = Phase.PARKED


def _without_the_agent(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> None:
    """The first agent is gone: the colleague in the conference has the customer, or the customer is kept."""
    leg = contact.leg
    if live.party is not None and live.party.with_customer and leg is not None:
        party = _party(book, contact, live.party, leg.agent, at)
        party.answered_at = party.answered_at or at
        hand_over(book, contact, leg, party, at)
        if contact.leg is not None:
            _found(book, contact, contact.leg, at)
        return
    if live.party is not None:
        book.add(HangUp(contact.call, live.party.channel))
    consult_over(book, contact, at, "cancelled")
    agent = leg.agent if leg else contact.last_agent
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-lost",
            variables=((contact.channel, "HL_AGENT", agent), (contact.channel, "HL_LEG", leg.id if leg else "")),
        )
    )


def _two_parties(book: ContactBook, contact: Contact, live: LiveCall, found: LiveLeg, at: float) -> None:
    leg = contact.leg if contact.leg is not None and contact.leg.id == found.leg else None
    if leg is None:
        _no_agent(book, contact, at)
        leg = Leg(found.leg or f"{contact.call}-0", found.agent, contact.queue, "found", at)
    leg.channel, leg.uniqueid, leg.rang, leg.up = found.channel, found.uniqueid, True, True
    book.take_over_leg(contact, leg)
    if not leg.answered_at:
        book.begin_talk(contact, leg, found.talk_since or at)
    _found(book, contact, leg, at)
    if live.state == "conference":
        _conference(book, contact, live, leg, at)
    else:
        _consult(book, contact, live, leg, at)


def _found(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    queue = QueueId(contact.queue) if contact.queue else None
    call, agent = CallId(contact.call), AgentId(leg.agent)
    book.add(acd.CallFoundTalking(at=at, call=call, agent=agent, since=leg.answered_at, queue=queue))


def _consult(book: ContactBook, contact: Contact, live: LiveCall, leg: Leg, at: float) -> None:
    contact.phase = Phase.CONSULTING
    if not leg.hold_since:
        leg.hold_since = live.held_since or at
        book.add(feed.HoldBegan(at=leg.hold_since, call=contact.call, leg=leg.id, agent=leg.agent))
    if live.party is None:
        gone = contact.consult
        if gone is not None and not gone.ended:
            consult_over(book, contact, at, "party_gone" if gone.answered_at else "not_reached")
            gone.ended = "gone" if gone.answered_at else "no_answer"
            contact.consult = gone
        return
    party = _party(book, contact, live.party, leg.agent, at)
    if live.party.with_agent and not party.answered_at:
        party.answered_at = at
        book.add(feed.ConsultAnswered(at=at, call=contact.call, leg=party.leg, party=party.name))
    _second_found(book, contact, party, at)


def _second_found(book: ContactBook, contact: Contact, party: Party, at: float) -> None:
    if not party.is_agent:
        return
    call, agent = CallId(contact.call), AgentId(party.name)
    if party.answered_at:
        book.add(acd.CallFoundTalking(at=at, call=call, agent=agent, since=party.answered_at, second=True))
    else:
        book.add(acd.ConsultBegan(at=at, call=call, agent=agent))


def _conference(book: ContactBook, contact: Contact, live: LiveCall, leg: Leg, at: float) -> None:
    if leg.hold_since:
        book.add(feed.HoldEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent))
        leg.hold_since = 0.0
    if live.party is None:
        consult_over(book, contact, at, "party_gone")
        contact.phase = Phase.TALKING
        rejoin(book, contact, leg)
        return
    contact.phase = Phase.CONFERENCE
    party = _party(book, contact, live.party, leg.agent, at)
    party.answered_at = party.answered_at or at
    if not party.joined_at:
        join(book, contact, party, at)
    _second_found(book, contact, party, at)
