"""What must outlive `kill -9`: the open contacts and what each agent was doing, at one feed number.

A small file that is replaced whole about once a second, plus the journal's records after its number. The journal
alone would not do: its old segments go when the database has them, while a call or a break may be hours old.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson
import structlog

from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy, HistoryEvent, Outcome
from cti import kept_records
from cti.attempts import Attempt
from cti.cel import CelPosition
from cti.contacts import Contact, Leg, Party, Pause, Phase
from cti.kept_places import KeptPlace
from cti.memory_of_attempts import REPLAY_ATTEMPTS
from cti.memory_of_parties import REPLAY_PARTIES, back_from_a_consult, given_to_the_second

log = structlog.get_logger(__name__)

FORM = 1


@dataclass(slots=True)
class AgentThen:
    """An agent's last state; `call` is the one that was rung, talked or written up."""

    state: str
    at: float
    reason: str = ""
    call: str = ""
    until: float = 0.0
    next_state: str = ""
    next_reason: str = ""


@dataclass(slots=True)
class NodeThen:
    """How far an Asterisk's event log was read. Another `started` than it tells now: every call of before is gone."""

    cel: CelPosition = field(default_factory=CelPosition)
    started: str = ""


@dataclass(slots=True)
class Memory:
    """`nodes` by name; "" is the only Asterisk of most sites."""

    number: int = 0
    contacts: dict[str, Contact] = field(default_factory=dict)
    agents: dict[str, AgentThen] = field(default_factory=dict)
    ended: dict[str, None] = field(default_factory=dict)
    nodes: dict[str, NodeThen] = field(default_factory=dict)
    places: dict[str, KeptPlace] = field(default_factory=dict)
    in_step_until: float = 0.0  # seconds since 1970; what happened later may be unknown

    def replay(self, event: HistoryEvent) -> None:
        """Bring the memory up to a record that came after it."""
        kept_records.replay(self.places, event)
        if not isinstance(event, feed.TelephonyLinkChanged):
            self.in_step_until = max(self.in_step_until, event.at)
        handler = _REPLAY.get(type(event))
        if handler is not None:
            handler(self, event)
        contact = self.contacts.get(getattr(event, "call", ""))
        # An agent's state is written before the talk that made it: killed between the two, we have not seen the talk.
        if contact is not None and not isinstance(event, feed.AgentStateChanged):
            contact.seen_until = max(contact.seen_until, event.at)


def save(memory: Memory, path: Path) -> None:
    """Whole or not at all."""
    put(as_bytes(memory), path)


def put(told: bytes, path: Path, *, by: str = "new") -> None:
    """What `as_bytes` gave into the file. Two at a time need two names `by`; a busy disk makes this slow."""
    fresh = path.with_suffix(f".{by}")
    fresh.write_bytes(told)
    os.replace(fresh, path)  # noqa: PTH105  # the atomic one, by its own name


def as_bytes(memory: Memory) -> bytes:
    """As the file has it."""
    return orjson.dumps(
        {
            "form": FORM,
            "number": memory.number,
            "contacts": list(memory.contacts.values()),  # orjson knows dataclasses; asdict took a tenth of our CPU
            "agents": memory.agents,
            "ended": list(memory.ended)[-1_000:],
            "nodes": memory.nodes,
            "in_step_until": memory.in_step_until,
            "places": list(memory.places.values()),
        },
        default=list,
    )


def load(path: Path) -> Memory:
    """An empty memory when there is none or it cannot be read: Asterisk and the event log then tell what lives."""
    try:
        told = orjson.loads(path.read_bytes())
        if told["form"] != FORM:
            raise ValueError(told["form"])
        contacts = [_contact(values) for values in told["contacts"]]
        return Memory(
            number=told["number"],
            contacts={contact.call: contact for contact in contacts},
            agents={agent: AgentThen(**then) for agent, then in told["agents"].items()},
            ended=dict.fromkeys(told["ended"]),
            nodes=_nodes(told),
            in_step_until=told.get("in_step_until", 0.0),
            places={place["id"]: _place(place) for place in told.get("places", [])},
        )
    except FileNotFoundError:
        return Memory()
    except (ValueError, KeyError, TypeError, OSError):
        log.exception("memory_not_readable", file=str(path))
        return Memory()


def _nodes(told: dict[str, Any]) -> dict[str, NodeThen]:
    if "cel" in told:  # written before there could be several
        return {"": NodeThen(CelPosition(**told["cel"]), told.get("asterisk_started", ""))}
    return {name: NodeThen(CelPosition(**then["cel"]), then["started"]) for name, then in told["nodes"].items()}


def _contact(values: dict[str, Any]) -> Contact:
    known = {field.name for field in fields(Contact)}
    values = {name: value for name, value in values.items() if name in known}
    values["direction"], values["phase"] = Direction(values["direction"]), Phase(values["phase"])
    for name in ("menu_path", "matches", "affinity"):
        values[name] = tuple(values.get(name, ()))
    for name in ("leg_ids", "ended_legs"):
        values[name] = set(values[name])
    values["result"] = Outcome(values["result"]) if values["result"] else None
    values["ended_talk"] = EndedBy(values["ended_talk"]) if values["ended_talk"] else None
    values["leg"] = _leg(values["leg"]) if values["leg"] else None
    values["attempt"] = Attempt(**values["attempt"]) if values.get("attempt") else None
    values["consult"] = Party(**values["consult"]) if values.get("consult") else None
    values["pause"] = Pause(**values["pause"]) if values.get("pause") else None
    return Contact(**values)


def _leg(values: dict[str, Any]) -> Leg:
    known = {field.name for field in fields(Leg)}
    values = {name: value for name, value in values.items() if name in known}
    return Leg(**{**values, "verdicts": tuple(values.get("verdicts", ()))})


def _place(values: dict[str, Any]) -> KeptPlace:
    return KeptPlace(**{**values, "matches": tuple(values["matches"])})


def _started(memory: Memory, event: feed.ContactStarted) -> None:
    inbound = event.direction is Direction.INBOUND
    memory.contacts.setdefault(
        event.call,
        Contact(
            call=event.call,
            direction=event.direction,
            channel="",
            caller=event.caller,
            entry=event.entry,
            phase=Phase.RINGING_IN if inbound else Phase.DIALLING,
            started_at=event.at,
            told=True,
            agent=event.agent,
            customer_id=event.customer_id,
            customer_uniqueid=event.call if inbound else "",
        ),
    ).told = True


def _on_contact(change: Callable[[Contact, Any], None]) -> Callable[[Memory, Any], None]:
    def handler(memory: Memory, event: Any) -> None:
        if (contact := memory.contacts.get(event.call)) is not None:
            change(contact, event)

    return handler


def _answered(contact: Contact, event: feed.ContactAnswered) -> None:
    contact.answered_at = event.at


def _identified(contact: Contact, event: feed.CallerIdentified) -> None:
    contact.matches, contact.language = event.matches, event.language


def _menu_left(contact: Contact, event: feed.MenuLeft) -> None:
    contact.menu_path, contact.topic, contact.language = event.path, event.topic, event.language


def _queued(contact: Contact, event: feed.CallQueued) -> None:
    contact.queue, contact.priority, contact.in_queue = event.queue, event.priority, True
    contact.queued_at, contact.phase = contact.queued_at or event.at, Phase.WAITING


def _left_queue(contact: Contact, event: feed.CallLeftQueue) -> None:
    contact.in_queue = False


def _offered(contact: Contact, event: feed.CallOffered) -> None:
    contact.leg_ids.add(event.leg)
    contact.leg = Leg(event.leg, event.agent, event.queue, event.why, event.at)
    contact.phase = Phase.OFFERING


def _offer_ended(contact: Contact, event: feed.OfferEnded) -> None:
    contact.leg, contact.phase = None, Phase.WAITING


def _talk_began(contact: Contact, event: feed.TalkBegan) -> None:
    if contact.leg is None or contact.leg.id != event.leg:
        contact.leg_ids.add(event.leg)
        contact.leg = Leg(event.leg, event.agent, contact.queue, "", event.at)
    contact.leg.answered_at, contact.talked, contact.phase = event.at, True, Phase.TALKING
    given_to_the_second(contact, event.leg)


def _talk_ended(contact: Contact, event: feed.TalkEnded) -> None:
    contact.leg, contact.ended_talk, contact.last_agent = None, event.by, event.agent
    contact.ended_legs.add(event.leg)
    contact.phase = Phase.AFTER


def _held(contact: Contact, event: feed.HoldBegan) -> None:
    if contact.leg is not None:
        contact.leg.hold_since = event.at


def _resumed(contact: Contact, event: feed.HoldEnded) -> None:
    if contact.leg is not None:
        contact.leg.hold_since = 0.0
    back_from_a_consult(contact)


def _booked(contact: Contact, event: feed.CallbackBooked) -> None:
    contact.result = Outcome.CALLBACK


def _message_left(contact: Contact, event: feed.VoiceMessageLeft) -> None:
    contact.voicemail = True


def _recorded(contact: Contact, event: feed.RecordingStarted) -> None:
    if contact.leg is not None and contact.leg.id == event.leg:
        contact.leg.file, contact.leg.recorded_at, contact.leg.file_told = event.file, event.at, True


def _missed(contact: Contact, event: feed.RecordingMissed) -> None:
    if contact.leg is not None and contact.leg.id == event.leg:
        contact.leg.missed, contact.leg.missed_told = event.why, True


def _paused(contact: Contact, event: feed.RecordingPaused) -> None:
    contact.pause = Pause(since=event.at, until=event.until, by=event.by, why=event.why, leg=event.leg)


def _recorded_again(contact: Contact, event: feed.RecordingResumed) -> None:
    if event.why == "leg" and contact.pause is not None:
        contact.pause.leg = ""
    else:
        contact.pause = None


def _ended(memory: Memory, event: feed.ContactEnded) -> None:
    memory.contacts.pop(event.call, None)
    memory.ended[event.call] = None


def _agent(memory: Memory, event: feed.AgentStateChanged) -> None:
    if event.state == "offline":
        memory.agents.pop(event.agent, None)
    else:
        memory.agents[event.agent] = AgentThen(event.state, event.at, event.reason, event.call, event.until)


_REPLAY: dict[type[HistoryEvent], Callable[[Memory, Any], None]] = {
    feed.ContactStarted: _started,
    feed.ContactEnded: _ended,
    feed.AgentStateChanged: _agent,
    feed.ContactAnswered: _on_contact(_answered),
    feed.CallerIdentified: _on_contact(_identified),
    feed.MenuLeft: _on_contact(_menu_left),
    feed.CallQueued: _on_contact(_queued),
    feed.CallLeftQueue: _on_contact(_left_queue),
    feed.CallOffered: _on_contact(_offered),
    feed.OfferEnded: _on_contact(_offer_ended),
    feed.TalkBegan: _on_contact(_talk_began),
    feed.TalkEnded: _on_contact(_talk_ended),
    feed.HoldBegan: _on_contact(_held),
    feed.HoldEnded: _on_contact(_resumed),
    feed.RecordingStarted: _on_contact(_recorded),
    feed.RecordingMissed: _on_contact(_missed),
    feed.RecordingPaused: _on_contact(_paused),
    feed.RecordingResumed: _on_contact(_recorded_again),
    feed.CallbackBooked: _on_contact(_booked),
    feed.VoiceMessageLeft: _on_contact(_message_left),
    **{kind: _on_contact(change) for kind, change in {**REPLAY_PARTIES, **REPLAY_ATTEMPTS}.items()},
}
