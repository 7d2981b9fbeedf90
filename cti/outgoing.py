"""An agent dials a customer: who may, where to, and how the contact begins."""

from __future__ import annotations

from crm_core.dialling import ColleaguesNumber, NumberNotAllowed, NumberNotDialable, dialable
from crm_core.errors import Refused
from crm_core.history.events import Direction
from cti.book import DIALLED, ContactBook
from cti.contacts import Contact, Leg, Phase

__all__ = [
    "AlreadyOnACall",
    "ColleaguesNumber",
    "NumberNotAllowed",
    "NumberNotDialable",
    "begin_dialling",
    "dial_failed",
    "dialable",
    "outside_legs",
]


class AlreadyOnACall(Refused):
    def __init__(self) -> None:
        super().__init__("End the present call first.")


def outside_legs(book: ContactBook, agent: str, *, besides: str = "") -> int:
    """The legs to the outside that this agent has, or has led callers to; the call `besides` is not counted."""
    return sum(_outside_legs(contact, agent) for contact in book.contacts.values() if contact.call != besides)


def _outside_legs(contact: Contact, agent: str) -> int:
    party = contact.consult
    asked = party is not None and not party.is_agent and not party.ended and party.by == agent
    dialled = not contact.is_inbound and contact.leg is not None and contact.leg.agent == agent
    return int(asked) + int(dialled)


def begin_dialling(
    book: ContactBook, call: str, agent: str, number: str, *, customer_id: int | None, at: float
) -> Contact:
    """In the book at once, so that the desk shows it before the phone rings; in the feed when the trunk is dialled."""
    leg = Leg(f"{call}-1", agent, "", DIALLED, at, uniqueid=call)
    contact = Contact(
        call=call,
        direction=Direction.OUTBOUND,
        channel="",
        caller=number,
        entry="",
        phase=Phase.DIALLING,
        started_at=at,
        agent=agent,
        customer_id=customer_id,
        leg=leg,
        leg_ids={leg.id},
    )
    book.contacts[call] = contact
    book.by_leg[call] = contact
    return contact


def dial_failed(book: ContactBook, call: str, at: float) -> None:
    """Asterisk could not ring the agent's own phone: there was no INVITE on the trunk, so there is no contact."""
    contact = book.contacts.get(call)
    if contact is not None and contact.phase is Phase.DIALLING and not contact.customer_uniqueid:
        book.end(contact, at)
