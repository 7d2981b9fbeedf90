"""An unchangeable picture of the floor, for the supervisor, the desktop and the tests."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.model import Agent, AgentId, AgentState, CallId, Instant, Medium, Need, QueueId, Skill, WaitingCall
from acd.verdicts import waits_for


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """One signed-in agent. `next_state` is OFFLINE for a person who signed out during the present call."""

    id: AgentId
    state: AgentState
    since: Instant
    reason: str
    call: CallId | None
    until: Instant | None
    extended: bool
    next_state: AgentState
    next_reason: str
    missed: int
    reachable: bool
    idle_since: Instant
    skills: tuple[tuple[Skill, int], ...]
    tags: tuple[str, ...]
    second: bool
    work: tuple[tuple[CallId, Medium], ...]

    @property
    def can_take_a_call(self) -> bool:
        return self.state is AgentState.READY and self.reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerView:
    """One caller; `position` counts from 1 and is 0 while a phone rings for this caller.

    `expected_wait` in seconds from now, None = not known. `waits_for`: see acd.verdicts.waits_for, "" while a phone
    rings. `is_kept` = reserved by a person, else for the previous agent. `need` is what an agent must have now.
    """

    call: CallId
    queue: QueueId
    since: Instant
    priority: int
    offered_to: AgentId | None
    position: int
    expected_wait: float | None
    reserved_for: AgentId | None
    is_kept: bool
    need: Need
    waits_for: str
    callback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSnapshot:
    """Agents by number; callers in the order in which they will be served, those with a ringing phone first."""

    agents: tuple[AgentView, ...]
    callers: tuple[CallerView, ...]


def view_of(agent: Agent) -> AgentView:
    return AgentView(
        id=agent.id,
        state=agent.state,
        since=agent.since,
        reason=agent.reason,
        call=agent.call,
        until=agent.until,
        extended=agent.extended,
        next_state=agent.next_state,
        next_reason=agent.next_reason,
        missed=agent.missed,
        reachable=agent.reachable,
        idle_since=agent.idle_since,
        skills=tuple(sorted(agent.skills.items())),
        tags=tuple(sorted(agent.tags)),
        second=agent.second,
        work=tuple(sorted(agent.work.items())),
    )


def take(floor: Floor, at: Instant) -> FloorSnapshot:
    ringing = [waiting for waiting in floor.calls.values() if waiting.offered_to is not None]
    ringing.sort(key=lambda waiting: (waiting.since, waiting.arrival))
    in_line = [floor.calls[call] for call in floor.line.in_order(at)]
    return FloorSnapshot(
        agents=tuple(view_of(agent) for _, agent in sorted(floor.agents.items())),
        callers=tuple(_caller_view(floor, waiting, at) for waiting in ringing + in_line),
    )


def _caller_view(floor: Floor, waiting: WaitingCall, at: Instant) -> CallerView:
    in_line = waiting.offered_to is None
    return CallerView(
        call=waiting.call,
        queue=waiting.queue,
        since=waiting.since,
        priority=waiting.priority,
        offered_to=waiting.offered_to,
        position=floor.line.position(waiting, at) if in_line else 0,
        expected_wait=floor.expected_in(waiting, floor.queues[waiting.queue], at) if in_line else None,
        reserved_for=waiting.reserved_for,
        is_kept=waiting.is_kept,
        need=waiting.need,
        waits_for=waits_for(floor, waiting) if in_line else "",
        callback=waiting.callback,
    )
