"""A person places a caller who waits: into another queue, before all others, or with one agent."""

from __future__ import annotations

from math import floor as floor_of

from acd import events, patience
from acd.floor import Floor
from acd.model import Agent, AgentState, CallId, WaitingCall
from acd.order import place, priority_at
from acd.refusals import AgentAway, AgentNotFree, LacksSkill, NoLongerWaiting, NoSuchQueue


def moved(floor: Floor, event: events.CallMoved) -> None:
    """Also a caller for whom a phone rings. NoLongerWaiting, NoSuchQueue; the same queue changes nothing."""
    waiting = _waiting(floor, event.call)
    if event.queue not in floor.queues:
        raise NoSuchQueue(event.queue)
    if waiting.queue == event.queue:
        return
    freed = _take_out(floor, waiting, event.at)
    patience.free_of_reservation(waiting)
    waiting.been.clear()
    floor.change_queue(waiting, floor.queues[event.queue], "moved", event.at)
    _settle(floor, waiting, freed, event.at)


def promoted(floor: Floor, event: events.CallPromoted) -> None:
    """A caller for whom a phone rings is served already. NoLongerWaiting."""
    waiting = _waiting(floor, event.call)
    if waiting.offered_to is not None:
        return
    queue = floor.queues[waiting.queue]
    highest = floor.line.highest(queue, event.at)
    own = priority_at(place(waiting, queue)[0], queue.ageing_seconds, event.at)
    if highest is not None and highest >= own:
        waiting.priority += floor_of(highest - own) + 1
    floor.match_call(waiting, event.at)


def assigned(floor: Floor, event: events.CallAssigned) -> None:
    """Only this agent from now on. NoLongerWaiting, AgentAway, AgentNotFree (a break), LacksSkill."""
    waiting = _waiting(floor, event.call)
    agent = floor.agents.get(event.agent)
    if agent is None or agent.next_state is AgentState.OFFLINE:
        raise AgentAway(event.agent)
    if floor.queues[waiting.queue].skill not in agent.skills:
        raise LacksSkill(event.agent, waiting.queue)
    if agent.state is AgentState.BREAK:
        raise AgentNotFree(event.agent)
    if waiting.offered_to == event.agent:
        return
    freed = _take_out(floor, waiting, event.at)
    waiting.missed_by.discard(event.agent)
    patience.keep(waiting, event.agent, event.at + event.seconds)
    _settle(floor, waiting, freed, event.at)


def _waiting(floor: Floor, call: CallId) -> WaitingCall:
    waiting = floor.calls.get(call)
    if waiting is None:
        raise NoLongerWaiting(call)
    return waiting


def _take_out(floor: Floor, waiting: WaitingCall, at: float) -> Agent | None:
    """Out of the line, or away from the phone that rings; gives the agent of that phone."""
    if waiting.offered_to is None:
        floor.leave_line(waiting)
        return None
    agent = floor.agents[waiting.offered_to]
    floor.withdraw(waiting)
    floor.change_work(agent, waiting.call, None, at)
    return agent


def _settle(floor: Floor, waiting: WaitingCall, freed: Agent | None, at: float) -> None:
    """The caller first, then the agent whose phone was silenced, who keeps the place of the idle time."""
    floor.match_call(waiting, at)
    if freed is not None:
        if freed.state is AgentState.RINGING and floor.offer_of(freed) is None and freed.call == waiting.call:
            floor.enter_planned(freed, at, idle_since=freed.idle_since)
        floor.match_agent(freed, at)
