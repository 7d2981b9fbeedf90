"""The routing engine: facts in, wishes out. It reads no clock and does no I/O.

A person's illegal wish raises a crm_core.errors.Refused and changes nothing. What Asterisk tells never raises:
when it does not fit, `commands.ReportStrange` comes back and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from acd import calls, events, found, people, placing, promises, second, snapshot
from acd.commands import Command
from acd.dialer_blending import ServiceTarget
from acd.floor import Floor, Rules
from acd.model import Agent, AgentId, Queue, QueueId, Skill

_HANDLERS: Mapping[type[events.Event], Callable[[Floor, Any], None]] = {
    events.CallQueued: calls.call_queued,
    events.CallLeft: calls.call_left,
    events.OfferEnded: calls.offer_ended,
    events.CallAnswered: calls.call_answered,
    events.CallHeld: calls.call_held,
    events.CallResumed: calls.call_resumed,
    events.TalkEnded: calls.talk_ended,
    events.AgentReachabilityChanged: calls.reachability_changed,
    events.TimerFired: calls.timer_fired,
    events.AgentSignedIn: people.signed_in,
    events.AgentSignedOut: people.signed_out,
    events.AgentBecameReady: people.became_ready,
    events.AgentTookBreak: people.took_break,
    events.AgentPlannedNext: people.planned_next,
    events.WrapUpExtended: people.wrap_up_extended,
    events.AgentBeganCall: people.began_call,
    events.AgentSkillsChanged: people.skills_changed,
    events.AgentForced: people.forced,
    events.QueuesChanged: people.queues_changed,
    events.AgentsPromised: promises.promised,
    events.CallMoved: placing.moved,
    events.CallPromoted: placing.promoted,
    events.CallAssigned: placing.assigned,
    events.ConsultBegan: second.began,
    events.ConsultAnswered: second.answered,
    events.ConsultEnded: second.ended,
    events.CallHandedOver: second.handed_over,
    events.CallFoundWaiting: found.found_waiting,
    events.CallFoundRinging: found.found_ringing,
    events.CallFoundTalking: found.found_talking,
}


class RoutingEngine:
    """One call centre. `agents` are signed in already, in the state they carry: ready or on break."""

    def __init__(self, queues: Iterable[Queue], agents: Iterable[Agent] = (), rules: Rules | None = None) -> None:
        self._floor = Floor(queues, rules or Rules())
        self._now = 0.0
        for agent in agents:
            self._floor.enrol(agent, agent.since)

    def handle(self, event: events.Event) -> list[Command]:
        """What must be done because of this event, in this order."""
        commands: list[Command] = []
        self._floor.commands = commands
        _HANDLERS[type(event)](self._floor, event)
        if self._floor.departed:
            self._floor.settle_departures(event.at)
        self._now = event.at
        return commands

    def agent(self, agent: AgentId) -> snapshot.AgentView | None:
        """The agent as the desktop shows it; None = signed out."""
        known = self._floor.agents.get(agent)
        return snapshot.view_of(known) if known else None

    def skill_of(self, queue: str) -> Skill:
        """What agents of this queue need; "" = there is no such queue."""
        known = self._floor.queues.get(QueueId(queue))
        return known.skill if known else Skill("")

    def service_targets(self, skills: Collection[Skill]) -> list[ServiceTarget]:
        """What callers are promised who need one of these skills."""
        queues = [queue for queue in self._floor.queues.values() if queue.skill in skills]
        return [ServiceTarget(queue.service_percent / 100, float(queue.service_seconds)) for queue in queues]

    def promised(self, skill: Skill) -> int:
        """How many free agents with this skill stay for the answers of campaigns."""
        return self._floor.promises.count(skill)

    def snapshot(self) -> snapshot.FloorSnapshot:
        return snapshot.take(self._floor, self._now)
