"""A campaign's call in the book of contacts: the customer's own channel from the first moment on. Pure."""

from __future__ import annotations

from acd import events as acd
from acd.model import CallId
from crm_core.history.campaign_events import AttemptPlaced
from crm_core.history.events import Direction, Outcome
from cti import facts as f
from cti.attempts import MACHINE_WORDS, Attempt, attempt_of
from cti.book import ContactBook
from cti.campaign_ports import DialOrder
from cti.contacts import Contact, Phase

UNSEEN = "cti.attempt_unseen"
"""A timer's name: by now the call that was ordered has a channel, or never had one."""

TOLD_OF_ATTEMPTS = frozenset({"HLMachine", "HLRecalled", "HLDropped"})


def begin_attempt(book: ContactBook, order: DialOrder, at: float) -> Contact:
    """In the book and in the feed before Asterisk is asked, so that no kill makes it forgotten."""
    contact = _own_channel(order.call, f"+{order.digits}")
    contact.customer_id, contact.language, contact.queue = order.customer_id, order.language, order.queue
    contact.matches = (order.customer_id,)
    begin_known_attempt(book, contact, order, at)
    return contact


def begin_known_attempt(book: ContactBook, contact: Contact, order: DialOrder, at: float) -> None:
    """As `begin_attempt`, for a contact of whatever form."""
    contact.attempt = Attempt(order.campaign, order.entry, detects=order.detect_machines)
    book.start(contact, at)
    book.add(AttemptPlaced(at=at, call=order.call, campaign=order.campaign, entry=order.entry, e164=f"+{order.digits}"))


def _own_channel(call: str, number: str) -> Contact:
    return Contact(
        call=call,
        direction=Direction.OUTBOUND,
        channel="",
        caller=number,
        entry="",
        phase=Phase.DIALLING,
        customer_uniqueid=call,
        owner=call,
        attempt=forgotten(call),
    )


def forgotten(call: str) -> Attempt | None:
    """Of a campaign's call whose order is not known any more: what its id says. None for other calls."""
    found = attempt_of(call)
    return Attempt(found.campaign, found.entry) if found else None


def forgotten_attempt(fact: f.ChannelAppeared) -> Contact:
    """A campaign's call that only Asterisk remembers; its channel does not say whom it called."""
    contact = _own_channel(fact.call, "")
    contact.channel = contact.customer_channel = fact.channel
    return contact


def customer_rang(book: ContactBook, fact: f.ChannelRang) -> None:
    contact = book.contacts.get(fact.call)
    if contact is not None and contact.attempt is not None and fact.uniqueid == contact.customer_uniqueid:
        book.add(*contact.attempt.rings(contact.call, fact.at))


def attempt_told(book: ContactBook, contact: Contact, fact: f.Told) -> None:
    """What the dialplan found out about who answered, or did because no agent came."""
    attempt = contact.attempt
    if attempt is None:
        return
    if fact.name == "HLRecalled":
        attempt.recalled = True
    elif fact.name == "HLDropped":
        drop(book, contact, fact.at)
    elif (word := MACHINE_WORDS.get(fact.headers.get("Status", ""))) is not None:
        attempt.detects = True
        book.add(*attempt.heard(contact.call, word))


def drop(book: ContactBook, contact: Contact, at: float) -> None:
    """A person answered, nobody was there and the message is played. An offer that is on its way still wins."""
    attempt = contact.attempt
    if attempt is None or attempt.connected or contact.leg is not None:
        return
    attempt.dropped, contact.phase, contact.result = True, Phase.LEAVING, Outcome.TURNED_AWAY
    if contact.in_queue:
        book.leave_queue(contact, at, str(Outcome.TURNED_AWAY))
    book.add(acd.CallLeft(at=at, call=CallId(contact.call)))


def note_end_of_attempt(contact: Contact, fact: f.ChannelHungUp) -> None:
    """Why the customer's own channel ended; the event log does not know the SIP code."""
    if contact.attempt is not None and fact.uniqueid == contact.customer_uniqueid:
        contact.attempt.cause, contact.attempt.sip_code = fact.cause, fact.sip_code


def attempt_failed(book: ContactBook, call: str, at: float) -> None:
    """Asterisk could not even make a channel. Where there is one, its own hang-up tells more."""
    contact = book.contacts.get(call)
    if contact is not None and contact.attempt is not None and not contact.channel:
        contact.attempt.gone = "never"
        book.end(contact, at)
