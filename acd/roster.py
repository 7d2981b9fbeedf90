"""The people of the call centre: who is signed in, in which state, who is free; each change is reported."""

from __future__ import annotations

from dataclasses import dataclass

from acd import commands as wish
from acd.crew import Crew
from acd.model import Agent, AgentId, AgentState, CallId, Instant, Medium
from acd.pace import Pace
from acd.selection import FreeAgents

WRAP_UP = "wrap_up"
"""The timer of after-call work; its key is an agent."""

MISSED = "missed"
"""The reason of a break that the engine ordered."""

_AT_WORK = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`missed_limit` missed offers in a row make a break, 0 = never. `wrap_up_seconds` is for calls without a queue."""

    missed_limit: int = 3
    wrap_up_seconds: int = 30


class Roster:
    """Who is here. `departed` are those who went away in this event, and whether off duty or only out of reach."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.crew = Crew()
        self.agents = self.crew.agents
        self.unreachable: set[AgentId] = set()
        self.free = FreeAgents(self.crew)
        self.pace = Pace()
        self.commands: list[wish.Command] = []
        self.departed: list[tuple[Agent, bool]] = []

    def enrol(self, agent: Agent, at: Instant) -> None:
        """The agent is signed in, in the state that it carries."""
        self.crew.enrol(agent)
        self.free.enrol(agent)
        if agent.state is AgentState.READY:
            self.free.add(agent)
        if not agent.reachable:
            self.unreachable.add(agent.id)

    def dismiss(self, agent: Agent) -> None:
        """The agent is not known any more; nothing happens to one who is not."""
        self.free.dismiss(agent.id)
        self.crew.dismiss(agent)

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
        before = agent.state
        if before is AgentState.READY:
            self.free.discard(agent.id)
        elif agent.until is not None and until is None:
            self.commands.append(wish.CancelTimer(name=WRAP_UP, key=agent.id))
        agent.state, agent.since, agent.reason, agent.call, agent.until = state, at, reason, call, until
        agent.second = second
        self.commands.append(
            wish.ReportAgentState(agent=agent.id, at=at, state=state, reason=reason, call=call, until=until)
        )
        if state in _AT_WORK:
            if before not in _AT_WORK:
                agent.busy_since = at
                self.crew.note_duty(agent)
        else:
            self._note_rest(agent, before, at)
        if state is AgentState.READY:
            self.free.add(agent)

    def _note_rest(self, agent: Agent, before: AgentState, at: Instant) -> None:
        """The agent is ready, on a break or gone: what the work took is known, and who was kept may go to others."""
        if before in _AT_WORK:
            agent.busy_seconds += max(0.0, at - agent.busy_since)
            if agent.serving is not None:
                self.pace.handled(agent.serving, max(0.0, at - agent.busy_since))
        agent.serving = None
        if self.crew.note_duty(agent) or agent.state is AgentState.OFFLINE:
            self.departed.append((agent, True))
        if agent.state is AgentState.OFFLINE:
            self.dismiss(agent)

    def enter_planned(self, agent: Agent, at: Instant, *, idle_since: Instant | None = None) -> None:
        """The state that was to follow the call; idle time starts now unless told otherwise."""
        state, reason = agent.next_state, agent.next_reason
        agent.next_state, agent.next_reason = AgentState.READY, ""
        agent.idle_since = at if idle_since is None else idle_since
        self.enter(agent, state, at, reason=reason)

    def change_work(self, agent: Agent, call: CallId, medium: Medium | None, at: Instant) -> None:
        """A piece of work beside calls lies with the agent, or with None no longer."""
        if medium is None:
            agent.work.pop(call, None)
        else:
            agent.work[call] = medium
        if agent.id in self.free:
            self.free.add(agent)
