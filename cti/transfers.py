"""An agent gives a call away: to a queue, to one agent, outside, to a parking slot, to a recorded message. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from acd import events as acd
from acd.commands import StartTimer
from acd.model import AgentId, CallId, QueueId
from crm_core.errors import Refused
from crm_core.history import events as feed
from crm_core.history.events import EndedBy
from cti.book import NEWS_GRACE, NO_NEWS, PICKED_UP, ContactBook
from cti.contacts import Contact, Leg, Party, Phase
from cti.deeds import HangUp, Move
from cti.parties import consult_over, take_ownership

SLOTS = tuple(f"P{n}" for n in range(1, 10))
BACK_TO_PARKER_SECONDS = 20.0


class NoSlotFree(Refused):
    def __init__(self) -> None:
        super().__init__("All parking slots are taken. Transfer the call to a queue instead.")


class PickedUpAlready(Refused):
    def __init__(self) -> None:
        super().__init__("This call is not parked any more: somebody was quicker, or the customer hung up.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Only `agent` may take the caller for `seconds`."""

    agent: str
    seconds: float


def _let_go(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """The agent's part is over; the caller of this sends the customer on."""
    take_ownership(contact)
    contact.moved_at = at
    consult_over(book, contact, at, "cancelled")
    book.end_pause(contact, at)
    book.end_talk(contact, at, EndedBy.AGENT)
    contact.ended_talk = None


def _transferred(book: ContactBook, contact: Contact, leg: Leg, at: float, *, kind: str, target: str) -> None:
    book.add(
        feed.CallTransferred(at=at, call=contact.call, leg=leg.id, by=leg.agent, kind=kind, target=target, blind=True)
    )


def to_queue(
    book: ContactBook, contact: Contact, leg: Leg, queue: str, at: float, *, reserved: Reserved | None = None
) -> None:
    """The customer waits again, with the place that the first waiting has earned."""
    kind, target = ("agent", reserved.agent) if reserved else ("queue", queue)
    _transferred(book, contact, leg, at, kind=kind, target=target)
    _let_go(book, contact, leg, at)
    contact.queue = queue
    book.add(
        Move(call=contact.call, channel=contact.channel, context="hl-requeue", variables=_place(contact, at)),
        HangUp(contact.call, leg.channel),
    )
    wait_again(book, contact, at, reserved=reserved)


def _place(contact: Contact, at: float) -> tuple[tuple[str, str, str], ...]:
    contact.queued_at = contact.queued_at or at
    values = {
        "HL_QUEUE": contact.queue,
        "HL_SINCE": f"{contact.queued_at:.6f}",
        "HL_PRIO": str(contact.priority),
    }
    return tuple((contact.channel, name, value) for name, value in values.items())


def wait_again(book: ContactBook, contact: Contact, at: float, *, reserved: Reserved | None = None) -> None:
    contact.phase, contact.in_queue = Phase.WAITING, True
    contact.queued_at = contact.queued_at or at
    book.add(
        feed.CallQueued(at=at, call=contact.call, queue=contact.queue, priority=contact.priority),
        acd.CallQueued(
            at=at,
            call=CallId(contact.call),
            queue=QueueId(contact.queue),
            since=contact.queued_at,
            priority=contact.priority,
            reserved_for=AgentId(reserved.agent) if reserved else None,
            reserved_seconds=reserved.seconds if reserved else 0.0,
        ),
    )


def to_outside(book: ContactBook, contact: Contact, leg: Leg, party: Party, at: float) -> None:
    """The customer's own channel dials. Who is not reached there waits in the queue again."""
    _transferred(book, contact, leg, at, kind=party.kind, target=party.name)
    _let_go(book, contact, leg, at)
    contact.leg_ids.add(party.leg)
    contact.consult, contact.phase = party, Phase.EXTERNAL
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-external",
            exten=party.number,
            variables=(*_place(contact, at), (contact.channel, "HL_LEG", party.leg)),
        ),
        HangUp(contact.call, leg.channel),
    )


def outside_over(book: ContactBook, contact: Contact, at: float, leg: str = "") -> None:
    """The dealer or the number has hung up, or was not reached: then the dialplan leads the customer on.

    An agent's customer goes to the queue, one whom the menu put through goes on in the menu. `leg` "" = any.
    """
    party = contact.consult
    if contact.phase is not Phase.EXTERNAL or (party is not None and leg not in ("", party.leg)):
        return
    reached = party is None or bool(party.joined_at)
    from_menu = party is not None and not party.by and not contact.talked
    consult_over(book, contact, at, "party_gone" if reached else "not_reached")
    contact.phase = Phase.MENU if from_menu and not reached else Phase.AFTER


def park(book: ContactBook, contact: Contact, leg: Leg, at: float) -> str:
    """NoSlotFree."""
    taken = {other.slot for other in book.contacts.values()}
    slot = next((slot for slot in SLOTS if slot not in taken), None)
    if slot is None:
        raise NoSlotFree
    agent = leg.agent
    _let_go(book, contact, leg, at)
    contact.phase, contact.slot, contact.parked_at, contact.parked_by = Phase.PARKED, slot, at, agent
    book.add(
        feed.CallParked(at=at, call=contact.call, agent=agent, slot=slot),
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-park",
            variables=(
                *_place(contact, at),
                (contact.channel, "HL_SLOT", slot),
                (contact.channel, "HL_PARKED", ""),
            ),
        ),
        HangUp(contact.call, leg.channel),
    )
    return slot


def parked_in(book: ContactBook, slot: str) -> Contact | None:
    """Who is there and no phone rings for."""
    found = (contact for contact in book.contacts.values() if slot and contact.slot == slot)
    contact = next(found, None)
    return contact if contact is not None and contact.phase is Phase.PARKED and contact.leg is None else None


def pick_up(book: ContactBook, contact: Contact, agent: str, at: float, ring_seconds: int) -> Leg:
    """The leg of the agent whose phone is to ring; the slot is theirs, and free again when they answer."""
    leg = Leg(contact.next_leg(), agent, contact.queue, PICKED_UP, at)
    book.tell_offered(contact, leg)
    contact.phase = Phase.OFFERING
    book.add(StartTimer(name=NO_NEWS, key=leg.id, due=at + ring_seconds + NEWS_GRACE))
    return leg


def picked_up(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """The colleague has the customer on the line."""
    if contact.slot:
        book.add(feed.CallPickedUp(at=at, call=contact.call, agent=leg.agent, slot=contact.slot))
        contact.slot, contact.parked_at = "", 0.0


def parked_too_long(book: ContactBook, contact: Contact, at: float) -> None:
    """The dialplan has led the caller to the queue: first back to the agent who parked, then to everybody."""
    contact.slot, contact.parked_at = "", 0.0
    back_to = contact.parked_by
    wait_again(book, contact, at, reserved=Reserved(agent=back_to, seconds=BACK_TO_PARKER_SECONDS) if back_to else None)


def drop_message(book: ContactBook, contact: Contact, leg: Leg, at: float, *, message: str, path: str) -> None:
    """The other side hears it to its end, which is the call's end; the agent goes on with the record."""
    take_ownership(contact)
    contact.moved_at = at
    consult_over(book, contact, at, "cancelled")
    book.add(feed.MessageDropped(at=at, call=contact.call, leg=leg.id, agent=leg.agent, message=message))
    book.end_pause(contact, at)
    book.end_talk(contact, at, EndedBy.AGENT)
    contact.phase = Phase.DROPPING
    book.add(
        Move(
            call=contact.call,
            channel=contact.channel,
            context="hl-drop",
            variables=((contact.channel, "HL_PROMPT", path), (contact.channel, "HL_BYE", "1")),
        ),
        HangUp(contact.call, leg.channel),
    )
