"""What Asterisk tells of a second party, and what follows when one of three goes away. Pure."""

from __future__ import annotations

from acd import events as acd
from acd.model import AgentId, CallId
from crm_core.history import events as feed
from cti import facts as f
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Phase
from cti.deeds import HangUp, Move
from cti.endings import offer_result
from cti.parties import WITH_A_PARTY, consult_over, hand_over, join, rejoin, take_ownership

OUTSIDE = "PJSIP/trunk-"


def party_dialled(book: ContactBook, contact: Contact, fact: f.DialBegan) -> None:
    party = contact.consult
    if party is None or party.answered_at or contact.phase not in WITH_A_PARTY:
        return
    if party.channel and party.is_agent:
        return  # a carrier that failed is followed by the next one; a colleague has one phone
    if fact.leg_channel.startswith(f"PJSIP/{party.number}-" if party.is_agent else OUTSIDE):
        book.by_leg.pop(party.uniqueid, None)
        party.channel, party.uniqueid, party.sip_code = fact.leg_channel, fact.leg_uniqueid, 0
        book.by_leg[fact.leg_uniqueid] = contact


def party_rang(book: ContactBook, fact: f.ChannelRang) -> None:
    contact = book.by_leg.get(fact.uniqueid)
    if contact is not None and contact.consult is not None and contact.consult.uniqueid == fact.uniqueid:
        contact.consult.rang = True


def customer_joined(book: ContactBook, fact: f.BridgeEntered) -> None:
    """The customer is with the two: a conference from now on."""
    contact = book.contacts.get(fact.call)
    party = contact.consult if contact else None
    if contact is None or party is None or contact.phase is not Phase.CONFERENCE or fact.uniqueid != contact.own:
        return
    if not party.joined_at:
        book.add(feed.ConsultEnded(at=fact.at, call=contact.call, leg=party.leg, party=party.name, result="conference"))
        join(book, contact, party, fact.at)


def party_answered(book: ContactBook, fact: f.BridgeEntered) -> None:
    """The second phone was picked up: the two talk, the customer hears music."""
    contact = book.contacts.get(fact.call)
    party = contact.consult if contact else None
    if contact is None or party is None or party.leg != fact.leg or party.answered_at or party.ended:
        return
    party.channel, party.uniqueid = fact.channel, fact.uniqueid
    party.answered_at, party.rang = fact.at, True
    book.by_leg[fact.uniqueid] = contact
    if contact.phase is Phase.EXTERNAL:
        join(book, contact, party, fact.at)
        return
    book.add(feed.ConsultAnswered(at=fact.at, call=contact.call, leg=party.leg, party=party.name))
    if party.is_agent:
        book.add(acd.ConsultAnswered(at=fact.at, call=CallId(contact.call), agent=AgentId(party.name)))


def party_missed(book: ContactBook, contact: Contact, fact: f.Told) -> None:
    """Not reached, or gone in the consult: the agent still has the customer in the music, and chooses."""
    party = contact.consult
    if party is None or party.ended or contact.phase is not Phase.CONSULTING or party.leg != fact.headers.get("Leg"):
        return
    was_there = bool(party.answered_at)
    consult_over(book, contact, fact.at, "party_gone" if was_there else "not_reached")
    party.ended = "gone" if was_there else str(offer_result(fact.headers.get("DialStatus", ""), party))
    contact.consult = party


def leg_gone(book: ContactBook, contact: Contact, fact: f.ChannelHungUp) -> None:
    """One of the two who are not the customer has hung up."""
    leg, party = contact.leg, contact.consult
    if party is not None and party.uniqueid == fact.uniqueid:
        party.sip_code = fact.sip_code or party.sip_code
        if contact.phase is Phase.CONFERENCE and leg is not None:
            consult_over(book, contact, fact.at, "party_gone")
            contact.phase, contact.moved_at = Phase.TALKING, fact.at
            rejoin(book, contact, leg)
    elif leg is not None and leg.uniqueid == fact.uniqueid and contact.phase in WITH_A_PARTY:
        if contact.phase is Phase.CONFERENCE and party is not None:
            hand_over(book, contact, leg, party, fact.at)
        else:
            _agent_gone(book, contact, leg, fact.at)


def _agent_gone(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """In a consult, with the customer in the music: kept as after a lost browser. HLLost tells the rest."""
    consult_over(book, contact, at, "cancelled")
    contact.moved_at = at
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-lost",
            variables=((contact.channel, "HL_AGENT", leg.agent), (contact.channel, "HL_LEG", leg.id)),
        )
    )


def phone_lost(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """The agent's phone is away and silent in a talk: the customer hears music before the leg is given up.

    In a consult or a conference that leg alone ends: what follows is as if the agent had hung up.
    """
    if contact.phase in (Phase.CONSULTING, Phase.CONFERENCE):
        book.add(HangUp(contact.call, leg.channel))
        return
    take_ownership(contact)
    contact.queue, contact.moved_at = contact.queue or book.first_queue, at
    values = {"HL_AGENT": leg.agent, "HL_LEG": leg.id, "HL_QUEUE": contact.queue}
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-keep",
            variables=tuple((contact.channel, name, value) for name, value in values.items()),
        )
    )


def customer_gone(book: ContactBook, contact: Contact, at: float) -> None:
    """Before the contact ends: nobody stays on the line without the customer."""
    party, leg = contact.consult, contact.leg
    if contact.phase not in WITH_A_PARTY:
        return
    consult_over(book, contact, at, "customer_gone")
    for channel in (leg.channel if leg else "", party.channel if party else ""):
        if channel:
            book.add(HangUp(contact.call, channel))
