"""From events to rows, without I/O: the writer loads the rows an event may touch and adds the new ones.

Events may come after a gap (a restart, a lost link), so each one makes what it needs; the first
outcome of a contact stands, and nothing reopens a contact that has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from crm_core.callbacks.model import Callback, VoiceMessage
from crm_core.campaigns.projection import AttemptRows, project_attempt
from crm_core.clock import from_instant
from crm_core.db import Base, storable
from crm_core.history import events
from crm_core.history.events import HistoryEvent, Outcome
from crm_core.history.left_behind import LEFT_BEHIND, project_left_behind
from crm_core.history.marking import close_marks, project_mark, project_recording
from crm_core.history.menu_visits import menu_visits
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit, Recording, RecordingMark
from crm_core.history.second_legs import SecondEvent, change_second_leg, new_second_leg
from crm_core.phone import to_e164
from crm_core.surveys.model import SurveyRound, SurveyScore
from crm_core.surveys.projection import SurveyEvent, project_survey

_RESULT_OF_OPEN_VISIT = {
    Outcome.ABANDONED: "abandoned",
    Outcome.VOICEMAIL: "voicemail",
    Outcome.CALLBACK: "callback",
    Outcome.TURNED_AWAY: "turned_away",
}


def result_of_open_visit(outcome: Outcome, *, answered: bool) -> str:
    """How a visit ended that was still open when its contact ended; the wallboard counts it by the same rule."""
    return "answered" if answered else _RESULT_OF_OPEN_VISIT.get(outcome, "lost")


@dataclass
class Rows:
    """What is known of the calls and agents of a batch; `new` is to be stored. `customers` are ids that exist."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    visits: dict[str, list[QueueVisit]] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)  # by leg, as the marks
    marks: dict[str, list[RecordingMark]] = field(default_factory=dict)
    stints: dict[str, AgentStint] = field(default_factory=dict)  # the open one of each agent
    callbacks: dict[str, Callback] = field(default_factory=dict)
    messages: dict[str, VoiceMessage] = field(default_factory=dict)
    rounds: dict[str, SurveyRound] = field(default_factory=dict)
    answers: dict[tuple[str, str], SurveyScore] = field(default_factory=dict)
    customers: set[int] = field(default_factory=set)
    campaigns: AttemptRows = field(default_factory=AttemptRows)
    walked: dict[str, int] = field(default_factory=dict)  # call -> how much of its way through the menu is stored
    new: list[Base] = field(default_factory=list)

    def store(self, row: Base) -> None:
        self.new.append(row)

    def open_visit(self, call: str) -> QueueVisit | None:
        return next((visit for visit in self.visits.get(call, []) if visit.left_at is None), None)


def project(rows: Rows, event: HistoryEvent) -> None:
    """Change `rows` by one event."""
    project_attempt(rows.campaigns, event)
    project_mark(rows, event)
    if isinstance(event, LEFT_BEHIND):
        if isinstance(event, events.CallbackBooked | events.VoiceMessageLeft):
            _contact(rows, event.call, from_instant(event.at))
        project_left_behind(rows, event)
    elif isinstance(event, SurveyEvent):
        _contact(rows, event.call, from_instant(event.at))
        project_survey(rows, event)
    else:
        _project(rows, event)


def _project(rows: Rows, event: HistoryEvent) -> None:
    match event:
        case events.ContactStarted():
            _start(rows, event)
        case events.ContactAnswered() | events.CallerIdentified() | events.MenuLeft():
            _describe(rows, event)
        case events.CallQueued() | events.CallLeftQueue():
            _queue(rows, event)
        case events.CallOffered() | events.OfferEnded() | events.TalkBegan() | events.TalkEnded():
            _leg(rows, event)
        case events.HoldBegan() | events.HoldEnded():
            _hold(rows, event)
        case events.RecordingStarted() | events.RecordingMissed():
            _contact(rows, event.call, from_instant(event.at))
            project_recording(rows, event)
        case events.ContactEnded():
            _end(rows, event)
        case events.AgentStateChanged():
            _stint(rows, event)
        case _ if isinstance(event, SecondEvent):
            _second_leg(rows, event)


def _contact(rows: Rows, call: str, at: datetime) -> Contact:
    """The contact of a call; one whose start we never saw begins with the first thing we did see."""
    found = rows.contacts.get(call)
    if found is None:
        found = Contact(
            id=call, channel="voice", direction="inbound", caller="", entry="", started_at=at, estimated=True
        )
        found.queue = found.agent = found.language = found.topic = found.menu_path = ""
        rows.contacts[call] = found
        rows.new.append(found)
    return found


def _start(rows: Rows, event: events.ContactStarted) -> None:
    at = from_instant(event.at)
    seen_before = event.call in rows.contacts
    contact = _contact(rows, event.call, at)
    if seen_before and not (contact.estimated and contact.caller == "" and contact.outcome is None):
        return
    contact.direction = str(event.direction)
    contact.caller = to_e164(event.caller) or storable(event.caller, 20)
    contact.entry = storable(event.entry, 20)
    contact.started_at, contact.estimated = min(at, contact.started_at), False
    contact.agent = contact.agent or storable(event.agent, 16)
    if event.customer_id in rows.customers:
        contact.customer_id = event.customer_id


def _describe(rows: Rows, event: events.ContactAnswered | events.CallerIdentified | events.MenuLeft) -> None:
    at = from_instant(event.at)
    contact = _contact(rows, event.call, at)
    if isinstance(event, events.ContactAnswered):
        contact.answered_at = contact.answered_at or at
        return
    if event.language:
        contact.language = storable(event.language, 8)
    if isinstance(event, events.MenuLeft):
        contact.menu_path = storable(">".join(event.path), 200)
        contact.topic = storable(event.topic, 20)
        contact.menu_flow, contact.menu_version = storable(event.flow, 40), event.version
        rows.new += menu_visits(event, rows.walked)
    elif len(event.matches) == 1 and event.matches[0] in rows.customers and contact.customer_id is None:
        contact.customer_id = event.matches[0]


def _queue(rows: Rows, event: events.CallQueued | events.CallLeftQueue) -> None:
    at = from_instant(event.at)
    contact = _contact(rows, event.call, at)
    visit = rows.open_visit(event.call)
    if isinstance(event, events.CallLeftQueue):
        if visit is not None and visit.queue == storable(event.queue, 40):
            _leave(visit, at, storable(event.result, 16))
        return
    queue = storable(event.queue, 40)
    if contact.ended_at is not None or (visit is not None and visit.queue == queue):
        return
    if visit is not None:
        _leave(visit, at, "overflow")
    visit = QueueVisit(contact_id=event.call, queue=queue, entered_at=at)
    rows.visits.setdefault(event.call, []).append(visit)
    rows.new.append(visit)
    contact.queue = queue


def _leave(visit: QueueVisit, at: datetime, result: str) -> None:
    if result == "answered":
        visit.answered_at = visit.answered_at or at
    # The wait ends with the answer, also when the feed tells a moment later that the queue was left.
    left = max(visit.entered_at, visit.answered_at or at)
    visit.left_at, visit.result = left, result
    visit.wait_seconds = (left - visit.entered_at).total_seconds()


def _leg(rows: Rows, event: events.CallOffered | events.OfferEnded | events.TalkBegan | events.TalkEnded) -> None:
    at = from_instant(event.at)
    contact = _contact(rows, event.call, at)
    leg = rows.legs.get(event.leg)
    if leg is None:
        if contact.ended_at is not None:
            return
        leg = Leg(id=event.leg, contact_id=event.call, agent=storable(event.agent, 16), offered_at=at, result="")
        leg.queue, leg.hold_seconds = contact.queue, 0.0
        rows.legs[event.leg] = leg
        rows.new.append(leg)
    match event:
        case events.CallOffered():
            leg.queue, leg.why = storable(event.queue, 40), storable(event.why, 40)
            contact.queue = contact.queue or leg.queue  # a campaign's customer never waited as a caller does
            leg.verdicts = orjson.dumps(event.verdicts).decode() if event.verdicts else ""
            leg.needed_level, leg.others = event.needed_level, event.others
        case events.OfferEnded() if leg.ended_at is None and leg.answered_at is None:
            leg.ended_at, leg.result = at, storable(event.result, 16)
        case events.TalkBegan() if leg.ended_at is None:
            leg.answered_at, leg.result = leg.answered_at or at, "answered"
            contact.agent = leg.agent
            visit = rows.open_visit(event.call)
            if visit is not None:
                visit.answered_at = visit.answered_at or at
        case events.TalkEnded() if leg.ended_at is None:
            _end_leg(leg, at, str(event.by))


def _second_leg(rows: Rows, event: SecondEvent) -> None:
    leg = rows.legs.get(event.leg)
    if leg is None:
        contact = _contact(rows, event.call, from_instant(event.at))
        leg = new_second_leg(contact, event) if contact.ended_at is None else None
        if leg is None:
            return
        rows.legs[event.leg] = leg
        rows.new.append(leg)
    change_second_leg(leg, event)


def _end_leg(leg: Leg, at: datetime, by: str) -> None:
    _resume(leg, at)
    leg.ended_at, leg.ended_by = at, by
    leg.result = leg.result or "caller_gone"


def _hold(rows: Rows, event: events.HoldBegan | events.HoldEnded) -> None:
    leg = rows.legs.get(event.leg)
    if leg is None or leg.ended_at is not None:
        return
    if isinstance(event, events.HoldEnded):
        _resume(leg, from_instant(event.at))
    elif leg.hold_since is None:
        leg.hold_since = from_instant(event.at)


def _resume(leg: Leg, at: datetime) -> None:
    if leg.hold_since is not None:
        leg.hold_seconds = (leg.hold_seconds or 0.0) + max(0.0, (at - leg.hold_since).total_seconds())
        leg.hold_since = None


def _end(rows: Rows, event: events.ContactEnded) -> None:
    at = from_instant(event.at)
    contact = _contact(rows, event.call, at)
    if contact.outcome is not None:
        return
    contact.outcome, contact.ended_at, contact.ended_by = str(event.outcome), at, str(event.by)
    contact.estimated = contact.estimated or event.estimated
    visit = rows.open_visit(event.call)
    if visit is not None:
        _leave(visit, at, result_of_open_visit(event.outcome, answered=visit.answered_at is not None))
    for leg in rows.legs.values():
        if leg.contact_id == event.call and leg.ended_at is None:
            _end_leg(leg, at, str(event.by))
    close_marks(rows, event.call, at)


def _stint(rows: Rows, event: events.AgentStateChanged) -> None:
    """Being offline is the absence of a stint."""
    at, agent = from_instant(event.at), storable(event.agent, 16)
    state, reason, call = storable(event.state, 12), storable(event.reason, 40), storable(event.call, 64)
    current = rows.stints.get(agent)
    if current is not None:
        if (current.state, current.reason, current.contact_id) == (state, reason, call):
            return
        current.ended_at, current.signed_out = max(at, current.began_at), state == "offline"
        del rows.stints[agent]
    if state == "offline":
        return
    stint = AgentStint(agent=agent, state=state, reason=reason, contact_id=call, began_at=at, signed_out=False)
    rows.stints[agent] = stint
    rows.new.append(stint)
