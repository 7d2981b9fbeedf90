"""The call centre as the engine sees it: agents, callers, who is free; and the steps that keep these in agreement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from acd import commands as wish
from acd.events import Event
from acd.model import Agent, AgentId, AgentState, CallId, Instant, Medium, Queue, QueueId, Skill, WaitingCall
from acd.order import WaitingLine
from acd.selection import FreeAgents, Why

WRAP_UP, POSITION, RING, RESERVED = "wrap_up", "position", "ring", "reserved"
"""Names of timers. `wrap_up` has an agent as its key, the others a call."""

RING_GRACE_SECONDS = 5.0
"""After so long over the ring time without news of an offer, Asterisk is asked what became of it."""

NEVER = inf
"""The position was told, and the queue tells it once."""

MISSED = "missed"
"""The reason of a break that the engine ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`missed_limit` missed offers in a row make a break, 0 = never. `wrap_up_seconds` is for calls without a queue."""

    missed_limit: int = 3
    wrap_up_seconds: int = 30


def own_skill(agent: AgentId) -> Skill:
    """What a caller needs who is kept for one agent."""
    return Skill(f"@{agent}")


class Floor:
    """Mutable state. Every step leaves it whole and appends what must be done to `commands`."""

    def __init__(self, queues: Iterable[Queue], rules: Rules) -> None:
        self.rules = rules
        self.queues: dict[QueueId, Queue] = {queue.id: queue for queue in queues}
        self.agents: dict[AgentId, Agent] = {}
        self.calls: dict[CallId, WaitingCall] = {}
        self.unreachable: set[AgentId] = set()
        self.line = WaitingLine()
        self.free = FreeAgents()
        self.commands: list[wish.Command] = []
        self.arrivals = 0

    def enter(
        self,
        agent: Agent,
        state: AgentState,
        at: Instant,
        *,
        reason: str = "",
        call: CallId | None = None,
        until: Instant | None = None,
        second: bool = False,
    ) -> None:
        """Put the agent into a state that the caller of this has checked, and report it."""
        if agent.state is AgentState.READY:
            self.free.discard(agent.id)
        elif agent.until is not None and until is None:
            self.commands.append(wish.CancelTimer(name=WRAP_UP, key=agent.id))
        agent.state, agent.since, agent.reason, agent.call, agent.until = state, at, reason, call, until
        agent.second = second
        self.commands.append(
            wish.ReportAgentState(agent=agent.id, at=at, state=state, reason=reason, call=call, until=until)
        )
        if state is AgentState.OFFLINE:
            del self.agents[agent.id]
        elif state is AgentState.READY and agent.reachable:
            self.free.add(agent)

    def enter_planned(self, agent: Agent, at: Instant, *, idle_since: Instant | None = None) -> None:
        """The state that was to follow the call; idle time starts now unless told otherwise."""
        state, reason = agent.next_state, agent.next_reason
        agent.next_state, agent.next_reason = AgentState.READY, ""
        agent.idle_since = at if idle_since is None else idle_since
        self.enter(agent, state, at, reason=reason)

    def begin_wrap_up(self, agent: Agent, at: Instant) -> None:
        if agent.next_state is AgentState.OFFLINE or agent.wrap_up_seconds <= 0:
            self.enter_planned(agent, at)
            self.match_agent(agent, at)
            return
        until, agent.extended = at + agent.wrap_up_seconds, False
        self.enter(agent, AgentState.WRAP_UP, at, call=agent.call, until=until)
        self.commands.append(wish.StartTimer(name=WRAP_UP, key=agent.id, due=until))

    def match_agent(self, agent: Agent, at: Instant) -> None:
        """Give a free agent the caller who is next for these skills, if anybody waits."""
        if agent.id not in self.free:
            return
        call = self.line.next_for(agent.skills)
        if call is None:
            return
        waiting = self.calls[call]
        self.leave_line(waiting)
        if agent.id in waiting.missed_by:
            why = Why.OFFERED_AGAIN
        else:
            why = Why.PRIORITY if self.line.has_lower(waiting.priority, agent.skills) else Why.NEXT_IN_LINE
        self._offer(waiting, agent, why, at)

    def match_call(self, waiting: WaitingCall, at: Instant) -> None:
        """Offer the caller to the best free agent, else let the caller wait in line."""
        choice = self.free.choose(waiting)
        in_line = waiting.call in self.line
        if choice is not None:
            if in_line:
                self.leave_line(waiting)
            self._offer(waiting, self.agents[choice.agent], choice.why, at)
        elif not in_line:
            self.join_line(waiting, at)

    def _offer(self, waiting: WaitingCall, agent: Agent, why: Why, at: Instant) -> None:
        self.unreserve(waiting)
        if waiting.callback:
            del self.calls[waiting.call]
            self.commands.append(wish.ReturnCall(call=waiting.call, agent=agent.id, why=why))
            agent.missed, agent.wrap_up_seconds = 0, self.queues[waiting.queue].wrap_up_seconds
            self.enter(agent, AgentState.TALKING, at, call=waiting.call)
            return
        ring_seconds = self.queues[waiting.queue].ring_seconds
        self.commands.append(wish.OfferCall(call=waiting.call, agent=agent.id, ring_seconds=ring_seconds, why=why))
        self.ring(waiting, agent, at)

    def ring(self, waiting: WaitingCall, agent: Agent, at: Instant) -> None:
        """The agent's phone rings for this caller from now on."""
        waiting.offered_to = agent.id
        self.enter(agent, AgentState.RINGING, at, call=waiting.call)
        due = at + self.queues[waiting.queue].ring_seconds + RING_GRACE_SECONDS
        self.commands.append(wish.StartTimer(name=RING, key=waiting.call, due=due))

    def offer_of(self, agent: Agent) -> WaitingCall | None:
        """The caller for whom this agent's phone rings; None also when it rings for a colleague's question."""
        waiting = self.calls.get(agent.call) if agent.call is not None else None
        return waiting if waiting is not None and waiting.offered_to == agent.id else None

    def withdraw(self, waiting: WaitingCall) -> None:
        """Stop the ringing; the caller belongs to nobody until matched."""
        if waiting.offered_to is not None:
            self.commands.append(wish.WithdrawOffer(call=waiting.call, agent=waiting.offered_to))
            self.take_back(waiting)

    def take_back(self, waiting: WaitingCall) -> None:
        """The phone rings no longer for this caller, who belongs to nobody until matched or dropped."""
        waiting.offered_to = None
        self.commands.append(wish.CancelTimer(name=RING, key=waiting.call))

    def reserve(self, waiting: WaitingCall, agent: AgentId, until: Instant) -> None:
        """Only this agent may take the caller, who is not in line now."""
        waiting.reserved_for, waiting.reserved_until, waiting.skill = agent, until, own_skill(agent)
        self.commands.append(wish.StartTimer(name=RESERVED, key=waiting.call, due=until))

    def unreserve(self, waiting: WaitingCall) -> None:
        """Everybody by the normal order; the caller is not in line now."""
        waiting.skill = self.queues[waiting.queue].skill
        if waiting.reserved_for is not None:
            waiting.reserved_for = None
            self.commands.append(wish.CancelTimer(name=RESERVED, key=waiting.call))

    def release(self, agent: AgentId, at: Instant) -> None:
        """Callers kept for an agent who has left are everybody's."""
        for waiting in [waiting for waiting in self.calls.values() if waiting.reserved_for == agent]:
            if waiting.offered_to is None:
                self.leave_line(waiting)
                self.unreserve(waiting)
                self.match_call(waiting, at)

    def join_line(self, waiting: WaitingCall, at: Instant) -> None:
        self.line.add(waiting)
        if self.queues[waiting.queue].first_announcement_seconds > 0 and waiting.announce_due < NEVER:
            due = max(waiting.announce_due, at)
            self.commands.append(wish.StartTimer(name=POSITION, key=waiting.call, due=due))

    def leave_line(self, waiting: WaitingCall) -> None:
        self.line.remove(waiting)
        if self.queues[waiting.queue].first_announcement_seconds > 0:
            self.commands.append(wish.CancelTimer(name=POSITION, key=waiting.call))

    def admit(
        self,
        call: CallId,
        queue: QueueId,
        *,
        at: Instant,
        since: Instant,
        priority: int = 0,
        last_agent: AgentId | None = None,
        medium: Medium = Medium.VOICE,
        callback: bool = False,
    ) -> WaitingCall:
        """A caller who belongs to nobody yet. A queue that nobody knows gets a skill of its own name."""
        served_by = self.queues.get(queue)
        if served_by is None:
            served_by = self.queues[queue] = Queue(id=queue, skill=Skill(queue))
        self.arrivals += 1
        waiting = WaitingCall(
            call,
            queue,
            served_by.skill,
            since,
            priority,
            last_agent,
            arrival=self.arrivals,
            announce_due=NEVER if callback else at + served_by.first_announcement_seconds,
            medium=medium,
            callback=callback,
        )
        self.calls[call] = waiting
        return waiting

    def strange(self, event: Event, why: str, *, agent: AgentId | None = None, call: CallId | None = None) -> None:
        self.commands.append(wish.ReportStrange(event=event, why=why, agent=agent, call=call))
