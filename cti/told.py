"""What our dialplan tells of a call by events of its own. No I/O, no clock."""

from __future__ import annotations

from crm_core.history.events import EndedBy
from cti import facts as f
from cti import missed
from cti.book import ContactBook
from cti.campaign_calls import TOLD_OF_ATTEMPTS, attempt_told, drop
from cti.contacts import Contact, Phase
from cti.endings import named_outcome, offer_result
from cti.parties import consult_over
from cti.party_facts import party_missed
from cti.transfers import outside_over
from cti.voice_message import voice_message


def told(book: ContactBook, fact: f.Told) -> None:
    """What follows for the contact that it names. What fits nothing known changes nothing."""
    contact = book.contacts.get(fact.call)
    if contact is None:
        return
    if fact.name == "HLUnrecorded":
        missed.told(book, fact)
    elif fact.name == "HLMenuSound":
        contact.menu_file = fact.headers.get("File", "")
    elif fact.name == "HLConsultEnd":
        party_missed(book, contact, fact)
    elif fact.uniqueid == contact.own and fact.name in TOLD_OF_ATTEMPTS:
        attempt_told(book, contact, fact)
    elif fact.uniqueid == contact.own:
        _told_of_own(book, contact, fact)


def _told_of_own(book: ContactBook, contact: Contact, fact: f.Told) -> None:
    match fact.name:
        case "HLStart":
            contact.served = fact.headers.get("Served", "1") != "0"
        case "HLAgi" if fact.headers.get("Done") == "1" and contact.result is None and contact.phase is Phase.MENU:
            if book.enter_queue(contact, fact.at, fact.queue, fact.since, fact.priority):
                book.tell_waiting(contact, fact.at)
        case "HLOfferEnd" | "HLJoinEnd":
            _offer_end(book, contact, fact)
        case "HLOutEnd" if contact.leg is not None:
            book.end_talk(contact, fact.at, EndedBy.AGENT if contact.leg.hung_up else EndedBy.CUSTOMER)
        case "HLOutsideEnd":
            outside_over(book, contact, fact.at, fact.headers.get("Leg", ""))
        case "HLLost":
            consult_over(book, contact, fact.at, "cancelled")
            book.lose(contact, fact.at)
        case "HLChoose":
            contact.choosing = True
        case "HLEnd":
            _contact_ends(book, contact, fact)


def _contact_ends(book: ContactBook, contact: Contact, fact: f.Told) -> None:
    if (message := voice_message(contact, fact)) is not None:
        book.add(message)
    contact.voicemail = contact.voicemail or message is not None or fact.headers.get("Voicemail") == "1"
    if fact.headers.get("Source") == contact.customer_channel:
        contact.customer_hung_up = True
    contact.result = contact.result or named_outcome(fact.headers.get("Outcome", ""))


def _offer_end(book: ContactBook, contact: Contact, fact: f.Told) -> None:
    leg = contact.leg
    if fact.name == "HLJoinEnd" and leg is None:
        outside_over(book, contact, fact.at)
        return
    if leg is None or fact.headers.get("Leg", leg.id) not in ("", leg.id):
        return
    if leg.answered_at:
        by_agent = leg.hung_up or (bool(leg.channel) and fact.headers.get("Source") == leg.channel)
        contact.phase = Phase.AFTER
        book.end_talk(contact, fact.at, EndedBy.AGENT if by_agent else EndedBy.SYSTEM)
    elif fact.headers.get("Agent") == leg.agent:
        book.close_offer(contact, fact.at, offer_result(fact.headers.get("DialStatus", ""), leg))
        if contact.attempt is not None and contact.attempt.is_late(contact.queued_at, fact.at):
            drop(book, contact, fact.at)
