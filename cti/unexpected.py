"""Agents who join a caller although no offer of ours is open."""

from __future__ import annotations

from cti import facts as f
from cti.book import ContactBook
from cti.contacts import Contact, Leg


def is_agents(channel: str) -> bool:
    """The channel of an agent's phone, by its name."""
    return channel.removeprefix("PJSIP/").rpartition("-")[0].isdigit()


def unexpected_leg(book: ContactBook, fact: f.BridgeEntered) -> Contact | None:
    """An agent joins a caller without an open offer of ours.

    Plain Queue() did it while the menu did not answer, or the agent picked up just as the offer was closed.
    """
    contact = book.contacts.get(fact.call)
    agent = fact.channel.removeprefix("PJSIP/").rpartition("-")[0]
    if contact is None or not contact.customer_owns or not agent.isdigit() or fact.leg in contact.ended_legs:
        return None
    if contact.leg is not None:
        if contact.leg.uniqueid or contact.leg.agent != agent:
            return None
        contact.leg.channel, contact.leg.uniqueid = fact.channel, fact.uniqueid  # its DialBegin was not seen
        book.by_leg[fact.uniqueid] = contact
        return contact
    leg = Leg(fact.leg or f"{contact.call}-0", agent, contact.queue, "fallback", fact.at, fact.channel, fact.uniqueid)
    leg.file, leg.recorded_at = contact.unclaimed_file, fact.at
    book.take_over_leg(contact, leg)
    return contact
