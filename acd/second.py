"""A second agent in a call that a first one has. The engine keeps who is busy, `cti` who talks with whom."""

from __future__ import annotations

from acd import events
from acd.floor import Floor
from acd.model import AgentState
from acd.refusals import AgentAway, AgentNotFree
from acd.transitions import is_allowed

_IN_A_TALK = (AgentState.TALKING, AgentState.HOLD)


def began(floor: Floor, event: events.ConsultBegan) -> None:
    """The colleague's phone rings. AgentAway, AgentNotFree."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.next_state is AgentState.OFFLINE:
        raise AgentAway(event.agent)
    if not is_allowed(agent.state, type(event)) or not agent.reachable:
        raise AgentNotFree(event.agent)
    agent.wrap_up_seconds, agent.serving = floor.rules.wrap_up_seconds, None
    floor.enter(agent, AgentState.RINGING, event.at, call=event.call, second=True)


def answered(floor: Floor, event: events.ConsultAnswered) -> None:
    agent = floor.agents.get(event.agent)
    if agent is None or not agent.second or agent.call != event.call or agent.state is not AgentState.RINGING:
        floor.strange(event, "nobody asked this agent", agent=event.agent, call=event.call)
        return
    floor.enter(agent, AgentState.TALKING, event.at, call=event.call, second=True)


def ended(floor: Floor, event: events.ConsultEnded) -> None:
    """The echo of a consult that is over already changes nothing."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.call != event.call or not is_allowed(agent.state, type(event)):
        return
    if agent.state in _IN_A_TALK:
        floor.begin_wrap_up(agent, event.at)
    elif agent.second:
        # Nobody missed anything: the agent keeps the place that idle time had earned.
        floor.enter_planned(agent, event.at, idle_since=agent.idle_since)
        floor.match_agent(agent, event.at)


def handed_over(floor: Floor, event: events.CallHandedOver) -> None:
    """The new owner talks; the old one writes the record."""
    old, new = floor.agents.get(event.agent), floor.agents.get(event.to)
    if old is None or old.call != event.call or old.state not in _IN_A_TALK:
        floor.strange(event, "this agent does not have the call", agent=event.agent, call=event.call)
        return
    if new is None or new is old or new.call != event.call or not (new.second or new.state in _IN_A_TALK):
        floor.strange(event, "the new agent is not in the call", agent=event.to, call=event.call)
        return
    new.wrap_up_seconds, new.second = old.wrap_up_seconds, False
    if new.state is not AgentState.TALKING:
        floor.enter(new, AgentState.TALKING, event.at, call=event.call)
    floor.begin_wrap_up(old, event.at)
