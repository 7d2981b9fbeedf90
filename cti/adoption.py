"""After a restart or a cut link: Asterisk is believed, memory is not. What follows, as steps."""

from __future__ import annotations

from acd import events as acd
from acd.model import AgentId, CallId, QueueId
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from cti.book import ContactBook
from cti.contacts import BackToMusic, Contact, Leg, Phase, Step
from cti.live import LiveCall, LiveLeg

_IN_QUEUE = frozenset({"waiting", "announcing", "offering", "lost"})


def compare(book: ContactBook, live: list[LiveCall], at: float) -> list[Step]:
    """Close what is gone, take over what is new, correct what differs. The engine hears of every live call.

    `live` has talks first, then ringing phones, then who waits: the engine wants to be told in this order.
    """
    there = {call.call for call in live}
    for contact in [contact for contact in book.contacts.values() if contact.call not in there]:
        _close(book, contact, at)
    for call in live:
        if call.call not in book.ended:
            _correct(book, book.contacts.get(call.call) or _adopt(book, call), call, at)
    return book.take()


def _close(book: ContactBook, contact: Contact, at: float) -> None:
    """Not even the event log told how it ended: what is known of it still stands."""
    if contact.talked or contact.result is not None or not contact.is_inbound:
        outcome = None
    else:
        outcome = Outcome.ENDED_WHILE_AWAY
    book.end(contact, at, outcome=outcome, estimated=True)


def _adopt(book: ContactBook, live: LiveCall) -> Contact:
    contact = Contact(
        call=live.call,
        direction=live.direction,
        channel=live.channel,
        caller=live.caller,
        entry=live.entry,
        phase=Phase.RINGING_IN if live.leg is None else Phase.DIALLING,
        agent=live.leg.agent if live.leg and not live.entry else "",
    )
    if contact.is_inbound or live.customer_uniqueid:
        book.start(contact, live.started_at)
    else:
        book.contacts[contact.call] = contact
    return contact


def _correct(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> None:
    contact.channel = live.channel
    contact.customer_channel, contact.customer_uniqueid = live.customer_channel, live.customer_uniqueid
    contact.queue, contact.topic = live.queue or contact.queue, live.topic or contact.topic
    contact.language, contact.matches = live.language or contact.language, live.matches or contact.matches
    contact.priority = max(contact.priority, live.priority)
    if live.up:
        book.answer(contact, at)
    leg = contact.leg
    if leg is not None and (live.leg is None or live.leg.leg != leg.id):
        book.end_talk(contact, at, EndedBy.SYSTEM)
        book.close_offer(contact, at, None)
    if live.leg is not None:
        _correct_leg(book, contact, live, live.leg, at)
    elif live.state in _IN_QUEUE and contact.queue:
        _correct_waiting(book, contact, live, at)
    elif live.state == "menu" and contact.answered_at:
        contact.phase = Phase.MENU


def _correct_leg(book: ContactBook, contact: Contact, live: LiveCall, found: LiveLeg, at: float) -> None:
    leg = contact.leg or Leg(found.leg or f"{contact.call}-0", found.agent, contact.queue, "found", at)
    leg.channel, leg.uniqueid, leg.rang, leg.up = found.channel, found.uniqueid, True, found.up
    leg.file, leg.recorded_at = found.file or leg.file, found.talk_since or at
    book.take_over_leg(contact, leg)
    call, agent = CallId(contact.call), AgentId(leg.agent)
    if found.talking and not leg.answered_at:
        book.begin_talk(contact, leg, found.talk_since or at)
    if found.talking:
        _correct_hold(book, contact, leg, found.hold_since, at)
    else:
        contact.phase = Phase.OFFERING if contact.is_inbound else Phase.DIALLING
    if found.talking or not contact.is_inbound:
        since = leg.answered_at or live.started_at
        book.add(acd.CallFoundTalking(at=at, call=call, agent=agent, since=since, held=bool(leg.hold_since)))
    elif contact.queue:
        book.add(
            acd.CallFoundRinging(
                at=at,
                call=call,
                queue=QueueId(contact.queue),
                since=contact.queued_at or live.since or at,
                agent=agent,
                priority=contact.priority,
            )
        )


def _correct_hold(book: ContactBook, contact: Contact, leg: Leg, since: float, at: float) -> None:
    if since and not leg.hold_since:
        leg.hold_since = since
        book.add(feed.HoldBegan(at=since, call=contact.call, leg=leg.id, agent=leg.agent))
    elif leg.hold_since and not since:
        leg.hold_since = 0.0
        book.add(feed.HoldEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent))


def _correct_waiting(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> None:
    if live.since and not contact.queued_at:
        contact.queued_at = min(live.since, at)
    book.enter_queue(contact, contact.queued_at or at, contact.queue, live.since, contact.priority)
    contact.phase = Phase.WAITING
    if live.state == "lost":
        book.add(BackToMusic(contact.call))
    book.add(
        acd.CallFoundWaiting(
            at=at,
            call=CallId(contact.call),
            queue=QueueId(contact.queue),
            since=contact.queued_at,
            priority=contact.priority,
            last_agent=AgentId(contact.last_agent) if contact.last_agent else None,
        )
    )
