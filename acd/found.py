"""Taking over what Asterisk shows after a restart or a cut link. Asterisk is believed, memory is not."""

from __future__ import annotations

from acd import events, patience
from acd.floor import Floor
from acd.model import Agent, AgentId, AgentState, CallId, Instant, QueueId, WaitingCall

_ON_A_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)


def found_waiting(floor: Floor, event: events.CallFoundWaiting) -> None:
    if event.call in floor.line:
        return
    freed = _let_go(floor, event.call, event.at)
    caller = floor.calls.get(event.call)
    if caller is None:
        caller = floor.admit(
            event.call,
            event.queue,
            at=event.at,
            since=event.since,
            priority=event.priority,
            last_agent=event.last_agent,
            also=event.also,
            affinity=event.affinity,
            outbound=event.outbound,
        )
        if event.reserved_for is not None and event.reserved_until > event.at:
            patience.keep(caller, event.reserved_for, event.reserved_until)
        patience.begin(floor, caller, event.at)
    _settle(floor, caller, freed, event.at)


def found_ringing(floor: Floor, event: events.CallFoundRinging) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.state is AgentState.RINGING and agent.call == event.call:
        return
    freed = _let_go(floor, event.call, event.at)
    caller = floor.calls.get(event.call)
    if caller is None:
        caller = floor.admit(event.call, event.queue, at=event.at, since=event.since, priority=event.priority)
    elif caller.call in floor.line:
        floor.leave_line(caller)
    agent, orphan = _claim(floor, event.agent, event.at)
    floor.ring(caller, agent, event.at)
    _settle(floor, orphan, freed, event.at)


def found_talking(floor: Floor, event: events.CallFoundTalking) -> None:
    state = AgentState.HOLD if event.held else AgentState.TALKING
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.state is state and agent.call == event.call and agent.second is event.second:
        return
    freed = [] if event.second else _let_go(floor, event.call, event.at, but=event.agent)
    agent, orphan = _claim(floor, event.agent, event.at)
    caller = floor.calls.pop(event.call, None)
    if caller is not None and caller.call in floor.line:
        floor.leave_line(caller)
    agent.wrap_up_seconds = _wrap_up_seconds(floor, event, caller.queue if caller else event.queue)
    agent.missed = 0
    floor.enter(agent, state, event.since, call=event.call, second=event.second)
    _settle(floor, None if orphan is caller else orphan, freed, event.at)


def _wrap_up_seconds(floor: Floor, event: events.CallFoundTalking, of_queue: QueueId | None) -> int:
    if event.wrap_up_seconds is not None:
        return event.wrap_up_seconds
    queue = floor.queues.get(of_queue) if of_queue else None
    return queue.wrap_up_seconds if queue else floor.rules.wrap_up_seconds


def _let_go(floor: Floor, call: CallId, at: Instant, but: AgentId | None = None) -> list[Agent]:
    """Every agent but one who was thought to have this call gets the state that was to follow it.

    With `but` one is found in the call: whoever is a second agent beside that one stays.
    """
    holders = [
        a
        for a in floor.agents.values()
        if a.call == call and a.state in _ON_A_CALL and a.id != but and not (but and a.second)
    ]
    for agent in holders:
        if (offered := floor.offer_of(agent)) is not None:
            floor.take_back(offered)
        floor.enter_planned(agent, at, idle_since=agent.idle_since)
    return holders


def _claim(floor: Floor, agent_id: AgentId, at: Instant) -> tuple[Agent, WaitingCall | None]:
    """The agent, made known if need be, and the caller for whom the phone was thought to ring."""
    agent = floor.agents.get(agent_id)
    if agent is None:
        # Not signed in with us: leaves when the call ends, unless the person signs in before.
        agent = Agent(agent_id, {}, AgentState.OFFLINE, at, at, next_state=AgentState.OFFLINE, signed_in_at=at)
        agent.reachable = agent_id not in floor.unreachable
        floor.enrol(agent, at)
    if agent.state is AgentState.BREAK:  # it goes on after the call, as after one the agent dialled
        agent.next_state, agent.next_reason = AgentState.BREAK, agent.reason
    if agent.state is not AgentState.RINGING or agent.call is None:
        return agent, None
    caller = floor.offer_of(agent)
    if caller is not None:
        floor.take_back(caller)
    return agent, caller


def _settle(floor: Floor, caller: WaitingCall | None, freed: list[Agent], at: Instant) -> None:
    """The caller joins the line before the freed agents look at it, so that nobody there is passed over."""
    if caller is not None:
        floor.join_line(caller, at)
    for agent in freed:
        floor.match_agent(agent, at)
    if caller is not None and caller.call in floor.line:
        floor.match_call(caller, at)
