"""After a restart or a cut link: Asterisk is believed, memory is not. What follows, as steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from acd import events as acd
from acd.commands import StartTimer
from acd.model import AgentId, CallId, QueueId
from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy, Outcome
from cti import sound
from cti.adoption_of_parties import correct_parties
from cti.book import LOST_SECONDS, NO_NEWS, ContactBook
from cti.campaign_calls import UNSEEN, drop, forgotten
from cti.contacts import Contact, Leg, Phase
from cti.deeds import BackToMenu, BackToMusic, Remember, Step
from cti.live import LiveCall, LiveLeg
from cti.party_facts import customer_gone

_IN_QUEUE = frozenset({"waiting", "announcing", "choosing", "offering", "lost"})
_LEAVING = frozenset({"message", "goodbye", "machine"})
_IN_FLIGHT = 1.0  # seconds that an offer may need from our decision to the dialplan
_DIALLING = 5.0  # seconds from our wish to call somebody to the channel of the agent's phone
_RING_MOST = 60.0


def compare(
    book: ContactBook,
    live: list[LiveCall],
    at: float,
    *,
    fresh_link: bool = True,
    interrupted: bool = False,
    is_mine: Callable[[Contact], bool] = lambda _: True,
) -> list[Step]:
    """Close what is gone, take over what is new, correct what differs. The engine hears of every live call.

    `live` has talks first, then ringing phones, then who waits: the engine wants to be told in this order.
    On a link that was up all the time an offer may be on its way and not to be seen yet. `live` tells of the contacts
    that are `is_mine`.
    """
    there = {call.call for call in live}
    for contact in [one for one in book.contacts.values() if one.call not in there and is_mine(one)]:
        _missing(book, contact, at, fresh_link=fresh_link, interrupted=interrupted)
    for call in map(_without_rung_phones, live):
        if call.call not in book.ended:
            contact = book.contacts.get(call.call) or _adopt(book, call)
            if not fresh_link and at - contact.moved_at < _IN_FLIGHT:
                continue
            _describe(contact, call)
            _correct_call(book, contact, call, at, fresh_link=fresh_link)
            if fresh_link:
                sound.correct(book, contact, call.leg.pause if call.leg else "", at)
    return book.take()


def _correct_call(book: ContactBook, contact: Contact, call: LiveCall, at: float, *, fresh_link: bool) -> None:
    if correct_parties(book, contact, call, at):
        return
    if call.state == "fallback" and call.leg is None:
        if fresh_link:
            _take_back(book, contact, call, at)
    elif contact.leg is not None and _is_offered(contact.leg, call, at, fresh_link):
        _tell_ringing(book, contact, contact.leg, call, at)
    else:
        _correct(book, contact, call, at, fresh_link=fresh_link)


def _missing(book: ContactBook, contact: Contact, at: float, *, fresh_link: bool, interrupted: bool) -> None:
    """Asterisk does not show it: it is over, unless it was ordered a moment ago."""
    seen = fresh_link or bool(contact.channel) or at - contact.started_at > _DIALLING
    if seen and not _is_ordered(book, contact, at):
        _close(book, contact, at, interrupted=interrupted)


def _is_ordered(book: ContactBook, contact: Contact, at: float) -> bool:
    """A campaign's call may have been ordered by the link that broke and come into being now: look again later."""
    due = contact.started_at + _DIALLING
    if contact.attempt is None or contact.channel or at > due:
        return False
    book.add(StartTimer(name=UNSEEN, key=contact.call, due=due + 0.1))
    return True


def _without_rung_phones(live: LiveCall) -> LiveCall:
    """Plain Queue() may ring many phones: nobody has the caller yet."""
    rung = live.state == "fallback" and live.leg is not None and not live.leg.talking
    return replace(live, leg=None) if rung else live


def _is_offered(leg: Leg, live: LiveCall, at: float, fresh_link: bool) -> bool:
    """The caller is on the way to a phone that does not ring yet."""
    if live.leg is not None or leg.answered_at:
        return False
    return live.state == "offering" or (not fresh_link and at - leg.offered_at < _IN_FLIGHT)


def _close(book: ContactBook, contact: Contact, at: float, *, interrupted: bool) -> None:
    """Not even the event log told how it ended: what is known of it still stands.

    A menu that is cut off with its Asterisk looks like a caller who hung up in it, and says so.
    """
    outcome: Outcome | None
    if interrupted and contact.phase is not Phase.AFTER and contact.result in (None, Outcome.MENU_ONLY):
        book.end_talk(contact, at, EndedBy.SYSTEM)
        outcome = Outcome.LOST
    elif contact.talked or contact.result is not None or not contact.is_inbound:
        outcome = None
    else:
        outcome = Outcome.ENDED_WHILE_AWAY
    customer_gone(book, contact, at)
    if contact.attempt is not None:
        contact.attempt.gone = "unseen" if contact.channel or interrupted else contact.attempt.gone or "never"
    book.end(contact, at, outcome=outcome, estimated=True)


def _take_back(book: ContactBook, contact: Contact, live: LiveCall, at: float) -> None:
    """Plain Queue() had the caller while we were away: from now on ours again, the place kept."""
    if live.up:
        book.answer(contact, at)
    book.end_talk(contact, at, EndedBy.SYSTEM)
    book.close_offer(contact, at, None)
    if contact.queue:
        _correct_waiting(book, contact, live, at, fresh_link=True)
        book.add(BackToMusic(contact.call))
    else:
        contact.phase = Phase.MENU
        book.add(BackToMenu(contact.call))


def _adopt(book: ContactBook, live: LiveCall) -> Contact:
    contact = Contact(
        call=live.call,
        direction=live.direction,
        channel=live.channel,
        caller=live.caller,
        entry=live.entry,
        phase=Phase.RINGING_IN if live.leg is None and live.direction is Direction.INBOUND else Phase.DIALLING,
        attempt=forgotten(live.call),
        agent=live.leg.agent if live.leg and not live.entry else "",
    )
    if contact.is_inbound or live.customer_uniqueid:
        book.start(contact, live.started_at)
    else:
        book.contacts[contact.call] = contact
    return contact


def _describe(contact: Contact, live: LiveCall) -> None:
    contact.channel, contact.owner = live.channel, live.owner
    contact.customer_channel, contact.customer_uniqueid = live.customer_channel, live.customer_uniqueid
    # Who was moved to another queue is in that one, also when we were killed before the channel was told.
    contact.queue = contact.queue if contact.in_queue and contact.queue else live.queue or contact.queue
    contact.topic = live.topic or contact.topic
    contact.language, contact.matches = live.language or contact.language, live.matches or contact.matches
    contact.priority = max(contact.priority, live.priority)


def _correct(book: ContactBook, contact: Contact, live: LiveCall, at: float, *, fresh_link: bool) -> None:
    if live.up:
        book.answer(contact, at)
    leg = contact.leg
    if leg is not None and (live.leg is None or live.leg.leg != leg.id):
        book.end_talk(contact, at, EndedBy.SYSTEM)
        book.close_offer(contact, at, None)
    if live.leg is not None:
        _correct_leg(book, contact, live, live.leg, at)
    elif live.state in _IN_QUEUE and contact.queue:
        _correct_waiting(book, contact, live, at, fresh_link=fresh_link)
    elif live.state == "dropped":
        drop(book, contact, at)
    elif live.state in _LEAVING:
        contact.phase = Phase.LEAVING
    elif live.state == "survey":  # the talk is over; its customer answers our questions
        contact.phase, contact.talked = Phase.AFTER, True
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
        contact.phase = Phase.OFFERING if contact.customer_owns else Phase.DIALLING
    if found.talking or not contact.customer_owns:
        since = leg.answered_at or live.started_at
        queue = QueueId(contact.queue) if contact.queue else None
        book.add(
            acd.CallFoundTalking(at=at, call=call, agent=agent, since=since, held=bool(leg.hold_since), queue=queue)
        )
    elif contact.queue:
        _tell_ringing(book, contact, leg, live, at)


def _tell_ringing(book: ContactBook, contact: Contact, leg: Leg, live: LiveCall, at: float) -> None:
    book.add(
        acd.CallFoundRinging(
            at=at,
            call=CallId(contact.call),
            queue=QueueId(contact.queue),
            since=contact.queued_at or live.since or at,
            agent=AgentId(leg.agent),
            priority=contact.priority,
        ),
        StartTimer(name=NO_NEWS, key=leg.id, due=at + _RING_MOST),
    )


def _correct_hold(book: ContactBook, contact: Contact, leg: Leg, since: float, at: float) -> None:
    if since and not leg.hold_since:
        leg.hold_since = since
        book.add(feed.HoldBegan(at=since, call=contact.call, leg=leg.id, agent=leg.agent))
    elif leg.hold_since and not since:
        leg.hold_since = 0.0
        book.add(feed.HoldEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent))


def _correct_waiting(book: ContactBook, contact: Contact, live: LiveCall, at: float, *, fresh_link: bool) -> None:
    if live.since and not contact.queued_at:
        contact.queued_at = min(live.since, at)
    book.enter_queue(contact, contact.queued_at or at, contact.queue, live.since, contact.priority)
    lost = bool(contact.last_agent) and (live.state == "lost" or bool(contact.lost_at))
    contact.phase = Phase.LOST if lost else Phase.WAITING
    if lost:
        contact.lost_at = contact.lost_at or at
    elif live.state == "lost":
        book.add(BackToMusic(contact.call))
    if live.queue != contact.queue:
        book.add(Remember(contact.channel, "HL_QUEUE", contact.queue))
    last_agent = AgentId(contact.last_agent) if contact.last_agent else None
    book.add(
        acd.CallFoundWaiting(
            at=at,
            call=CallId(contact.call),
            queue=QueueId(contact.queue),
            since=contact.queued_at,
            priority=contact.priority,
            affinity=frozenset(contact.affinity),
            outbound=not contact.counts_as_caller,
            last_agent=last_agent,
            reserved_for=last_agent if lost else None,
            reserved_until=contact.lost_at + LOST_SECONDS if lost else 0.0,
        )
    )
    if lost and fresh_link and last_agent is not None:
        book.add(acd.AgentBecameReady(at=at, agent=last_agent))
