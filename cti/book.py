"""The contacts that live now, and every change of one: what the feed is told and what the engine is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from acd import events as acd
from acd.commands import CancelTimer, OfferCall, StartTimer
from acd.model import AgentId, CallId, QueueId
from crm_core.capture.rules import Capture
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from crm_core.remembered import Remembered
from cti.contacts import Contact, Leg, Phase
from cti.deeds import ContactOver, Remember, Step
from cti.endings import ended_by, outcome_of, queue_result

NO_RINGING = "cti.no_ringing"
NO_NEWS = "cti.no_news"
RINGING_LIMIT = 1.5  # a phone that lives rings within 25 ms; three tries of SIP over UDP take 1.5 s
PAUSE_LIMIT = "cti.pause_limit"
NEWS_GRACE = 5.0
LOST_SECONDS = 60.0  # how long a caller is kept for the same agent before everybody may take over
LOST_PRIORITY = 1_000
RESUME = "resume"  # why an offer was made: the desk answers it by itself
CAMPAIGN = "campaign"  # as RESUME: a customer whom a campaign has just reached
DIALLED = "dialled"  # why a leg is there that began the contact
PICKED_UP = "picked_up"  # why a leg is there whose agent took a parked call


class Place(Protocol):
    """Of cti.kept_places.KeptPlace."""

    since: float
    priority: int


class ContactBook:
    """Every change adds steps, in order; `take` gives them."""

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.ended = Remembered()
        self.by_leg: dict[str, Contact] = {}  # uniqueid of an agent's channel -> the contact it works on
        self._out: list[Step] = []
        self.place_of: Callable[[Contact], Place | None] = lambda _: None  # kept while the customer was away
        self.not_offered: Mapping[str, frozenset[str]] = {}  # by queue: what a waiting caller may not choose
        self.first_queue = ""  # of the site: where a customer waits whom we called and who never was in a queue
        self.capture = Capture()
        self.published: Callable[[str], str] = str  # the number of ours that a carrier means
        self.rebuilding = False  # facts come from the event log: what ends now is marked as estimated

    def withdraw(self, contact: Contact, leg: Leg, at: float) -> bool:
        """The engine takes the offer back. False when the phone has answered already: the talk is then found."""
        if leg.up:
            leg.withdrawn = True
            return False
        self.close_offer(contact, at, None)
        return True

    def take(self) -> list[Step]:
        """The steps that have gathered."""
        out, self._out = self._out, []
        return out

    def add(self, *steps: Step) -> None:
        self._out += steps

    def start(self, contact: Contact, at: float) -> None:
        """The contact is in the book, and once in the feed."""
        self.contacts[contact.call] = contact
        if contact.told:
            return
        contact.told, contact.started_at = True, at
        self.add(
            feed.ContactStarted(
                at=at,
                call=contact.call,
                direction=contact.direction,
                caller=contact.caller,
                entry=contact.entry,
                agent=contact.agent,
                customer_id=contact.customer_id,
            )
        )

    def answer(self, contact: Contact, at: float) -> None:
        if contact.answered_at:
            return
        contact.answered_at = at
        self.add(feed.ContactAnswered(at=at, call=contact.call))
        if contact.attempt is not None:
            self.add(*contact.attempt.answers(contact.call, at))
        if contact.phase is Phase.RINGING_IN:
            contact.phase = Phase.MENU
        if contact.menu_file:
            leg = f"{contact.call}-menu-q"
            self.add(
                feed.RecordingStarted(at=at, call=contact.call, leg=leg, agent=feed.OF_MENU, file=contact.menu_file)
            )

    def enter_queue(self, contact: Contact, at: float, queue: str, since: float, priority: int) -> bool:
        """True when the caller was not in it yet; Asterisk says so again after each announcement and offer."""
        if not queue or contact.in_queue or contact.leg is not None:
            return False
        contact.phase, contact.in_queue = Phase.WAITING, True
        contact.queue, contact.priority = queue, max(priority, contact.priority)
        if contact.is_inbound and (kept := self.place_of(contact)) is not None:
            contact.queued_at, contact.priority = kept.since, max(kept.priority, contact.priority)
            self.add(Remember(contact.channel, "HL_SINCE", f"{kept.since:.6f}"))
        contact.queued_at = contact.queued_at or (since if contact.started_at <= since <= at else at)
        if contact.counts_as_caller:
            self.add(feed.CallQueued(at=at, call=contact.call, queue=queue, priority=contact.priority))
        return True

    def tell_waiting(self, contact: Contact, at: float, *, reserved_for: AgentId | None = None) -> None:
        self.add(
            acd.CallQueued(
                at=at,
                call=CallId(contact.call),
                queue=QueueId(contact.queue),
                since=contact.queued_at,
                priority=contact.priority,
                last_agent=AgentId(contact.last_agent) if contact.last_agent else None,
                affinity=frozenset(contact.affinity),
                outbound=not contact.counts_as_caller,
                reserved_for=reserved_for,
                reserved_seconds=LOST_SECONDS if reserved_for else 0.0,
            )
        )

    def leave_queue(self, contact: Contact, at: float, result: str) -> None:
        contact.in_queue = False
        if contact.counts_as_caller:
            self.add(feed.CallLeftQueue(at=at, call=contact.call, queue=contact.queue, result=result))

    def change_queue(self, contact: Contact, at: float, to: str, why: str, *, by: str = "") -> None:
        """The caller waits in another queue, the place kept; on the channel, too, so that a restart finds it."""
        came_from = contact.queue
        self.leave_queue(contact, at, "overflow")
        contact.queue, contact.in_queue = to, True
        self.add(
            feed.CallMoved(at=at, call=contact.call, queue=came_from, to=to, why=why, by=by),
            feed.CallQueued(at=at, call=contact.call, queue=to, priority=contact.priority),
            Remember(contact.channel, "HL_QUEUE", to),
        )

    def offer(self, command: OfferCall, at: float) -> Leg | None:
        """A new leg, or None when this caller cannot be offered now: gone, or another phone is just answering."""
        call, agent, why, ring_seconds = command.call, command.agent, str(command.why), command.ring_seconds
        contact = self.contacts.get(call)
        if contact is None or contact.leg is not None or contact.phase not in (Phase.WAITING, Phase.LOST):
            return None
        if contact.attempt is not None and contact.attempt.is_late(contact.queued_at, at):
            return None  # the dialplan tells in a moment that the customer hears the message
        if contact.phase is Phase.LOST and agent == contact.last_agent:
            why = RESUME
        elif contact.attempt is not None and not contact.attempt.connected:
            why = CAMPAIGN
        leg = Leg(contact.next_leg(), agent, contact.queue, why, at)
        leg.needed_level, leg.others = command.needed_level, command.others
        leg.verdicts = tuple(f"{verdict.agent}|{verdict.word}|{verdict.value}" for verdict in command.verdicts)
        self.tell_offered(contact, leg)
        contact.phase = Phase.OFFERING
        self.add(StartTimer(name=NO_NEWS, key=leg.id, due=at + ring_seconds + NEWS_GRACE))
        return leg

    def tell_offered(self, contact: Contact, leg: Leg) -> None:
        """The leg is the contact's, and once in the feed."""
        contact.leg = leg
        if leg.id in contact.leg_ids:
            return
        contact.leg_ids.add(leg.id)
        self.add(
            feed.CallOffered(
                at=leg.offered_at,
                call=contact.call,
                leg=leg.id,
                agent=leg.agent,
                queue=leg.queue,
                why=leg.why,
                needed_level=leg.needed_level,
                verdicts=leg.verdicts,
                others=leg.others,
            )
        )

    def watch_ringing(self, contact: Contact, leg: Leg, channel: str, uniqueid: str, at: float) -> None:
        leg.channel, leg.uniqueid = channel, uniqueid
        self.by_leg[uniqueid] = contact
        self.add(StartTimer(name=NO_RINGING, key=leg.id, due=at + RINGING_LIMIT))

    def rings(self, leg: Leg) -> None:
        if not leg.rang:
            leg.rang = True
            self.cancel(NO_RINGING, leg.id)

    def take_over_leg(self, contact: Contact, leg: Leg) -> None:
        """A leg that Asterisk shows and we did not make, or took for over."""
        self.by_leg[leg.uniqueid] = contact
        self.tell_offered(contact, leg)

    def begin_talk(self, contact: Contact, leg: Leg, at: float) -> None:
        leg.answered_at, leg.rang, leg.up = at, True, True
        contact.talked, contact.phase, contact.lost_at = True, Phase.TALKING, 0.0
        self.cancel(NO_RINGING, leg.id)
        self.cancel(NO_NEWS, leg.id)
        if contact.in_queue:
            self.leave_queue(contact, at, "answered")
        self.add(feed.TalkBegan(at=at, call=contact.call, leg=leg.id, agent=leg.agent))
        if contact.attempt is not None:
            self.add(*contact.attempt.connects(contact.call, leg.agent, at))
        self.tell_recorded(contact, leg)

    def tell_recorded(self, contact: Contact, leg: Leg) -> None:
        """Once both are true; an outgoing call's file is opened before its contact begins, and holds the talk only."""
        if leg.missed and leg.answered_at and not leg.missed_told:
            leg.missed_told = True
            why = leg.missed
            self.add(feed.RecordingMissed(at=leg.answered_at, call=contact.call, leg=leg.id, agent=leg.agent, why=why))
        if leg.answered_at and leg.file and not leg.file_told:
            leg.file_told = True
            begun = leg.recorded_at if leg.why != DIALLED else max(leg.recorded_at, leg.answered_at)
            self.add(feed.RecordingStarted(at=begun, call=contact.call, leg=leg.id, agent=leg.agent, file=leg.file))

    def close_offer(self, contact: Contact, at: float, result: acd.OfferResult | None) -> None:
        """The phone stopped ringing without an answer; the caller still waits. None = the engine took it back."""
        leg = contact.leg
        if leg is None or leg.answered_at:
            return
        self._drop_leg(contact, leg)
        contact.phase = Phase.PARKED if contact.slot else Phase.LOST if contact.lost_at else Phase.WAITING
        word = str(result) if result else "withdrawn"
        self.add(feed.OfferEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent, result=word))
        if leg.why == PICKED_UP:
            self.add(acd.TalkEnded(at=at, call=CallId(contact.call), agent=AgentId(leg.agent)))
        elif result is not None:
            self.add(acd.OfferEnded(at=at, call=CallId(contact.call), agent=AgentId(leg.agent), result=result))

    def end_talk(self, contact: Contact, at: float, by: EndedBy) -> None:
        leg = contact.leg
        if leg is None or not leg.answered_at:
            return
        self.close_talk(contact, leg, leg.left_at or at, by)
        self.add(acd.TalkEnded(at=at, call=CallId(contact.call), agent=AgentId(leg.agent)))

    def close_talk(self, contact: Contact, leg: Leg, at: float, by: EndedBy) -> None:
        """The feed's part of it: this agent's talk with the customer is over."""
        contact.ended_talk, contact.last_agent = by, leg.agent
        self._drop_leg(contact, leg)
        if contact.pause is not None and contact.pause.leg == leg.id:
            contact.pause.leg = ""
            self.add(feed.RecordingResumed(at=at, call=contact.call, leg=leg.id, by="", why="leg"))
        if leg.hold_since:
            self.add(feed.HoldEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent))
        self.add(feed.TalkEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent, by=by))

    def end_pause(self, contact: Contact, at: float) -> None:
        """The talk to which it belonged is over; what comes next is recorded."""
        over, contact.pause = contact.pause, None
        if over is None:
            return
        self.cancel(PAUSE_LIMIT, contact.call)
        if over.leg:
            self.add(feed.RecordingResumed(at=at, call=contact.call, leg=over.leg, by="", why="over"))

    def _drop_leg(self, contact: Contact, leg: Leg) -> None:
        contact.leg = None
        if leg.answered_at:
            contact.ended_legs.add(leg.id)
        self.by_leg.pop(leg.uniqueid, None)
        self.cancel(NO_RINGING, leg.id)
        self.cancel(NO_NEWS, leg.id)

    def lose(self, contact: Contact, at: float) -> None:
        """The agent's phone fell silent in the talk: the caller waits for the same agent, first in line.

        Only that agent may take the caller for LOST_SECONDS, as soon as the phone is there again.
        """
        self.end_talk(contact, at, EndedBy.SYSTEM)
        if not contact.last_agent or not contact.queue:
            return
        contact.lost_at = at
        self.enter_queue(contact, at, contact.queue, contact.queued_at, LOST_PRIORITY)
        contact.phase = Phase.LOST
        self.add(Remember(contact.channel, "HL_PRIO", str(contact.priority)))
        agent = AgentId(contact.last_agent)
        self.tell_waiting(contact, at, reserved_for=agent)
        self.add(acd.AgentBecameReady(at=at, agent=agent))  # after-call work is put off: there is a call again

    def end(self, contact: Contact, at: float, *, outcome: Outcome | None = None, estimated: bool = False) -> None:
        """The contact is over; whatever is still open on it is closed first."""
        self.end_pause(contact, at)
        if (leg := contact.leg) is not None:
            self._end_leg(contact, leg, at)
        if contact.in_queue:
            self.leave_queue(contact, at, "lost" if outcome is Outcome.LOST else queue_result(contact))
        if contact.queued_at:
            self.add(acd.CallLeft(at=at, call=CallId(contact.call)))
        if contact.told:
            word = outcome or outcome_of(contact)
            rebuilt = estimated or self.rebuilding
            self.add(feed.ContactEnded(at=at, call=contact.call, outcome=word, by=ended_by(contact), estimated=rebuilt))
        if contact.attempt is not None:
            if not contact.customer_uniqueid:
                contact.attempt.gone = contact.attempt.gone or "never"
            settled_by = "cel" if self.rebuilding else "live" if estimated else "event"
            self.add(*contact.attempt.ends(contact.call, at, settled_by))
        del self.contacts[contact.call]
        self.ended.add(contact.call)
        self.add(ContactOver(contact, at))

    def _end_leg(self, contact: Contact, leg: Leg, at: float) -> None:
        if leg.answered_at:
            by_agent = leg.hung_up and not contact.customer_hung_up
            self.end_talk(contact, at, EndedBy.AGENT if by_agent else EndedBy.CUSTOMER)
            return
        self._drop_leg(contact, leg)
        if leg.why != DIALLED:
            self.add(feed.OfferEnded(at=at, call=contact.call, leg=leg.id, agent=leg.agent, result="caller_gone"))
        if leg.why in (DIALLED, PICKED_UP):
            self.add(acd.TalkEnded(at=at, call=CallId(contact.call), agent=AgentId(leg.agent)))

    def cancel(self, name: str, key: str) -> None:
        self.add(CancelTimer(name=name, key=key))
