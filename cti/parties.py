"""A second party joins a call: consult, hand over, back, conference, and what is left when one of them goes. Pure."""

from __future__ import annotations

from acd import events as acd
from acd.model import AgentId, CallId
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Party, Phase
from cti.deeds import HangUp, Move, Remember
from cti.sound import settle

WITH_A_PARTY = frozenset({Phase.CONSULTING, Phase.CONFERENCE, Phase.EXTERNAL})


def take_ownership(contact: Contact) -> None:
    """The customer's leg of an outgoing call leaves the agent's `Dial`: from now on it is the contact's own channel."""
    if not contact.customer_owns and contact.customer_uniqueid:
        contact.owner, contact.channel = contact.customer_uniqueid, contact.customer_channel


def begin_consult(book: ContactBook, contact: Contact, leg: Leg, party: Party, at: float) -> None:
    """Music for the customer, and the party's phone rings. An agent must have been claimed at the engine before."""
    take_ownership(contact)
    contact.moved_at = at
    contact.leg_ids.add(party.leg)
    contact.consult, contact.phase = party, Phase.CONSULTING
    if not leg.hold_since:
        leg.hold_since = at
        book.add(feed.HoldBegan(at=at, call=contact.call, leg=leg.id, agent=leg.agent))
    began = feed.ConsultBegan(at=at, call=contact.call, leg=party.leg, by=leg.agent, kind=party.kind, party=party.name)
    book.add(began)
    settle(book, contact)
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-hold",
            variables=(
                (contact.channel, "HL_WITH", leg.channel),
                (contact.channel, "HL_QUEUE", contact.queue),
                (leg.channel, "HL_ASK_LEG", party.leg),
            ),
            also=leg.channel,
            also_context="hl-consult" if party.is_agent else "hl-consult-out",
            also_exten=party.number,
        ),
    )


def join(book: ContactBook, contact: Contact, party: Party, at: float) -> None:
    """The party talks with the customer too from now on."""
    party.joined_at = at
    if contact.is_inbound and not contact.talked:
        contact.result = Outcome.PUT_THROUGH
    book.add(feed.PartyJoined(at=at, call=contact.call, leg=party.leg, kind=party.kind, party=party.name))


def consult_over(book: ContactBook, contact: Contact, at: float, result: str) -> None:
    """The second party has no part in the call any more, as it began: by a consult or in a conference."""
    party, contact.consult = contact.consult, None
    if party is None or party.ended:
        return
    book.by_leg.pop(party.uniqueid, None)
    if party.joined_at:
        book.add(feed.PartyLeft(at=at, call=contact.call, leg=party.leg, party=party.name))
    else:
        book.add(feed.ConsultEnded(at=at, call=contact.call, leg=party.leg, party=party.name, result=result))
    if party.is_agent:
        book.add(acd.ConsultEnded(at=at, call=CallId(contact.call), agent=AgentId(party.name)))


def back(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """The agent talks with the customer again, alone; the second party hears the end of it."""
    consult_over(book, contact, at, "cancelled")
    contact.phase, contact.moved_at = Phase.TALKING, at
    resume(book, contact, leg, at)
    rejoin(book, contact, leg)


def resume(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    if leg.hold_since:
        leg.hold_since = 0.0
        book.add(feed.HoldEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent))
    settle(book, contact)


def rejoin(book: ContactBook, contact: Contact, leg: Leg) -> None:
    """Two parties, in the plain form whose ends the dialplan understands without us."""
    _lead_together(book, contact, leg.channel, leg.id, leg.agent)


def _lead_together(
    book: ContactBook, contact: Contact, peer: str, leg: str, agent: str, *, context: str = "hl-there"
) -> None:
    """The peer goes first, so that there is somebody when the customer comes; whoever else is there is left alone."""
    values = {"HL_PEER": peer, "HL_LEG": leg, "HL_AGENT": agent, "HL_OUTSIDE": "" if agent else "1", "HL_READY": ""}
    own = tuple((contact.channel, name, value) for name, value in values.items())
    book.add(
        Move(
            call=contact.call,
            channel=peer,
            context=context,
            variables=((peer, "HL_CUSTOMER", contact.channel), *own),
            also=contact.channel,
            also_context="hl-join",
            also_exten="given",
        )
    )


def conference(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """All three are to talk: the customer goes to the two."""
    contact.phase, contact.moved_at = Phase.CONFERENCE, at
    resume(book, contact, leg, at)
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-conf",
            variables=(
                (leg.channel, "HL_BACK", "1"),
                (contact.channel, "HL_LEG", leg.id),
                (contact.channel, "HL_AGENT", leg.agent),
                (contact.channel, "HL_PEER", leg.channel),
            ),
        )
    )


def hand_over(book: ContactBook, contact: Contact, leg: Leg, party: Party, at: float) -> None:
    """The customer is the party's from now on: out of a consult, or because the first agent leaves a conference."""
    book.close_talk(contact, leg, at, EndedBy.AGENT)
    contact.moved_at = at
    if not party.joined_at:
        book.add(feed.ConsultEnded(at=at, call=contact.call, leg=party.leg, party=party.name, result="handed_over"))
    book.add(
        feed.CallTransferred(
            at=at, call=contact.call, leg=leg.id, by=leg.agent, kind=party.kind, target=party.name, blind=False
        )
    )
    if party.is_agent:
        _to_colleague(book, contact, leg, party, at)
    else:
        _to_outside(book, contact, leg, party, at)
    book.add(HangUp(contact.call, leg.channel))


def _to_colleague(book: ContactBook, contact: Contact, leg: Leg, party: Party, at: float) -> None:
    call, agent, to = CallId(contact.call), AgentId(leg.agent), AgentId(party.name)
    contact.consult, contact.phase = None, Phase.TALKING
    contact.leg = given = Leg(
        party.leg,
        party.name,
        contact.queue,
        "consult",
        party.began_at,
        party.channel,
        party.uniqueid,
        rang=True,
        up=True,
    )
    given.answered_at = party.joined_at or at
    book.by_leg[given.uniqueid] = contact
    book.add(
        feed.TalkBegan(at=given.answered_at, call=contact.call, leg=given.id, agent=given.agent),
        acd.CallHandedOver(at=at, call=call, agent=agent, to=to),
        Remember(leg.channel, "HL_BACK", "1"),
        Remember(contact.channel, "HL_TALK", f"{at:.6f}"),
    )
    _lead_together(book, contact, party.channel, given.id, given.agent, context="hl-given")


def _to_outside(book: ContactBook, contact: Contact, leg: Leg, party: Party, at: float) -> None:
    contact.phase, contact.ended_talk = Phase.EXTERNAL, None
    if not party.joined_at:
        join(book, contact, party, at)
    book.add(
        acd.TalkEnded(at=at, call=CallId(contact.call), agent=AgentId(leg.agent)),
        Remember(leg.channel, "HL_BACK", "1"),
    )
    _lead_together(book, contact, party.channel, party.leg, "")
