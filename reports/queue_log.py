"""Our feed as the lines of Asterisk's `queue_log`, so that QueueMetrics, Asternic and their like can read this site.

Format: app_queue of Asterisk 22, "epoch|call|queue|agent|event|data…" (docs.asterisk.org, "Queue Logs"). Pure.
Outbound contacts are in no queue of callers and are left out; talks that did not come from a queue have no line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crm_core.history import events
from crm_core.history.events import Direction, EndedBy, HistoryEvent

NONE = "NONE"
_EXITS = {
    "abandoned": "ABANDON",
    "lost": "ABANDON",  # app_queue knows no other word for a caller who is gone
    "overflow": "EXITWITHTIMEOUT",
    "turned_away": "EXITWITHTIMEOUT",
    "callback": "EXITWITHKEY",
    "voicemail": "EXITWITHKEY",
}
_KEYS = {"callback": "1", "voicemail": "2"}
_UNANSWERED = {"withdrawn": "RINGCANCELED", "caller_gone": "RINGCANCELED"}


@dataclass(slots=True)
class Visit:
    """A caller in a queue, or the talk that came of it: `connected_at` is 0 until then."""

    queue: str
    entered_at: float
    position: int
    ring_began_at: float = 0.0
    leg: str = ""
    connected_at: float = 0.0
    hold: int = 0


@dataclass(slots=True)
class QueueLog:
    """Feed it every event in order; each gives the lines to be written. `state` and `restored` outlive a restart."""

    callers: dict[str, str] = field(default_factory=dict)
    outbound: set[str] = field(default_factory=set)
    visits: dict[str, Visit] = field(default_factory=dict)
    signed_in: dict[str, float] = field(default_factory=dict)
    paused: dict[str, str] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        return {**asdict(self), "outbound": sorted(self.outbound)}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> QueueLog:
        visits = {call: Visit(**visit) for call, visit in state["visits"].items()}
        return cls(**{**state, "outbound": set(state["outbound"]), "visits": visits})

    def lines(self, event: HistoryEvent) -> Iterator[str]:
        match event:
            case events.ContactStarted(call=call):
                self.callers[call] = event.caller
                if event.direction is Direction.OUTBOUND:
                    self.outbound.add(call)
            case events.CallQueued() if event.call not in self.outbound:
                yield self._entered(event)
            case events.CallOffered() | events.OfferEnded() | events.TalkBegan() if event.call in self.visits:
                yield from self._offer(event, self.visits[event.call])
            case events.CallTransferred() | events.TalkEnded() if event.call in self.visits:
                yield from self._over(event, self.visits[event.call])
            case events.CallLeftQueue() if event.call in self.visits:
                yield from self._left(event)
            case events.ContactEnded(call=call):
                self.callers.pop(call, None)
                self.visits.pop(call, None)
                self.outbound.discard(call)
            case events.AgentStateChanged():
                yield from self._agent(event)

    def _entered(self, event: events.CallQueued) -> str:
        waiting = Counter(one.queue for one in self.visits.values() if not one.connected_at)
        visit = Visit(event.queue, event.at, waiting[event.queue] + 1)
        self.visits[event.call] = visit
        return line(event, event.queue, NONE, "ENTERQUEUE", "", self.callers.get(event.call, ""), visit.position)

    def _offer(self, event: events.CallOffered | events.OfferEnded | events.TalkBegan, visit: Visit) -> Iterator[str]:
        agent, rung = member(event.agent), max(event.at - visit.ring_began_at, 0.0) if visit.ring_began_at else 0.0
        match event:
            case events.CallOffered():
                visit.ring_began_at, visit.leg = event.at, event.leg
            case events.OfferEnded() if not visit.connected_at:
                word = _UNANSWERED.get(event.result, "RINGNOANSWER")
                yield line(event, visit.queue, agent, word, round(rung * 1000))
            case events.TalkBegan() if not visit.connected_at:
                visit.leg, visit.connected_at = event.leg, event.at
                visit.hold = round(event.at - visit.entered_at)
                yield line(event, visit.queue, agent, "CONNECT", visit.hold, event.leg, round(rung))

    def _over(self, event: events.CallTransferred | events.TalkEnded, visit: Visit) -> Iterator[str]:
        """The talk of the agent whom the queue found; what comes after it belongs to no queue."""
        if not visit.connected_at or event.leg != visit.leg:
            return
        talked = round(event.at - visit.connected_at)
        times = (visit.hold, talked, visit.position)
        if isinstance(event, events.TalkEnded):
            word = "COMPLETECALLER" if event.by is EndedBy.CUSTOMER else "COMPLETEAGENT"
            yield line(event, visit.queue, member(event.agent), word, *times)
        elif event.blind:
            yield line(event, visit.queue, member(event.by), "BLINDTRANSFER", event.target, event.kind, *times)
        else:
            # app_queue names the bridge in which caller and target met; readers show this field as it is.
            met = ("BRIDGE", f"{event.kind}-{event.target}")
            yield line(event, visit.queue, member(event.by), "ATTENDEDTRANSFER", *met, *times)
        del self.visits[event.call]

    def _left(self, event: events.CallLeftQueue) -> Iterator[str]:
        visit = self.visits[event.call]
        word = _EXITS.get(event.result)
        if word is None or visit.connected_at or visit.queue != event.queue:
            return
        key = (_KEYS[event.result],) if event.result in _KEYS else ()
        waited = round(event.at - visit.entered_at)
        yield line(event, visit.queue, NONE, word, *key, visit.position, visit.position, waited)
        del self.visits[event.call]

    def _agent(self, event: events.AgentStateChanged) -> Iterator[str]:
        """Sign-in and breaks hold for all queues of the agent: app_queue's words for that are …ALL."""
        agent, name, event = event.agent, member(event.agent), replace(event, call="")
        if agent in self.paused and (event.state != "break" or self.paused[agent] != event.reason):
            yield line(event, NONE, name, "UNPAUSEALL", self.paused.pop(agent))
        if event.state == "offline":
            if agent in self.signed_in:
                yield line(event, NONE, name, "AGENTLOGOFF", name, round(event.at - self.signed_in.pop(agent)))
            return
        if agent not in self.signed_in:
            self.signed_in[agent] = event.at
            yield line(event, NONE, name, "AGENTLOGIN", name)
        if event.state == "break" and agent not in self.paused:
            self.paused[agent] = event.reason
            yield line(event, NONE, name, "PAUSEALL", event.reason)


def member(agent: str) -> str:
    return f"PJSIP/{agent}"


def line(event: HistoryEvent, queue: str, agent: str, word: str, *data: object) -> str:
    """Fields without a bar or a line break, so that no name or reason can make a line or a field of its own."""
    call = getattr(event, "call", "") or NONE
    fields = (int(event.at), call, queue, agent, word, *data)
    return "|".join("".join(sign for sign in str(one) if sign.isprintable() and sign != "|") for one in fields)
