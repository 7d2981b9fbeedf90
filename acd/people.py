"""What the engine does when a person asks for something. What the table does not allow is refused."""

from __future__ import annotations

from acd import commands as wish
from acd import events
from acd.floor import WRAP_UP, Floor
from acd.model import Agent, AgentId, AgentState
from acd.refusals import AgentAway
from acd.transitions import IllegalTransition, require
from crm_core.errors import Refused

_ON_A_CALL = (AgentState.TALKING, AgentState.HOLD)


class AlreadyExtended(Refused):
    """After-call work is extended once."""

    def __init__(self) -> None:
        super().__init__("After-call work was extended already. Finish the record, then go ready.")


def _present(floor: Floor, event: events.Event, agent_id: AgentId) -> Agent:
    """The agent for whom the table allows this; who signed out during a call counts as away."""
    agent = floor.agents.get(agent_id)
    if agent is None or agent.next_state is AgentState.OFFLINE:
        raise IllegalTransition(agent_id, AgentState.OFFLINE, type(event))
    require(agent_id, agent.state, type(event))
    return agent


def signed_in(floor: Floor, event: events.AgentSignedIn) -> None:
    """Who signs in during a call, e.g. after a restart of the platform, is ready or on break when it ends."""
    agent = floor.agents.get(event.agent)
    require(event.agent, agent.state if agent else AgentState.OFFLINE, type(event))
    if agent is None:
        agent = Agent(event.agent, {}, AgentState.OFFLINE, event.at, event.at, signed_in_at=event.at)
        agent.reachable = event.agent not in floor.unreachable
        _learn(floor, agent, event)
        floor.enter(agent, event.state, event.at, reason=event.reason)
        floor.match_agent(agent, event.at)
        return
    _learn(floor, agent, event)
    if agent.next_state is AgentState.OFFLINE:
        agent.next_state, agent.next_reason = event.state, event.reason


def _learn(floor: Floor, agent: Agent, told: events.AgentSignedIn | events.AgentSkillsChanged) -> None:
    floor.dismiss(agent)
    agent.skills, agent.tags = told.skills, told.tags
    agent.capacity, agent.missed_limit = told.capacity, told.missed_limit
    floor.enrol(agent, told.at)


def signed_out(floor: Floor, event: events.AgentSignedOut) -> None:
    """A ringing call goes to the next agent; a talk goes on to its end."""
    agent = _present(floor, event, event.agent)
    if agent.state in (AgentState.TALKING, AgentState.HOLD):
        agent.next_state, agent.next_reason = AgentState.OFFLINE, ""
        return
    floor.leave(agent, AgentState.OFFLINE, "", event.at)


def became_ready(floor: Floor, event: events.AgentBecameReady) -> None:
    agent = _present(floor, event, event.agent)
    agent.missed = 0
    agent.next_state, agent.next_reason = AgentState.READY, ""
    floor.enter_planned(agent, event.at)
    floor.match_agent(agent, event.at)


def took_break(floor: Floor, event: events.AgentTookBreak) -> None:
    agent = _present(floor, event, event.agent)
    floor.leave(agent, AgentState.BREAK, event.reason, event.at)


def forced(floor: Floor, event: events.AgentForced) -> None:
    """Now, or after the present call. AgentAway; a state that nobody can be set to is refused."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.next_state is AgentState.OFFLINE:
        raise AgentAway(event.agent)
    if event.state not in (AgentState.READY, AgentState.BREAK, AgentState.OFFLINE):
        raise Refused("Choose ready, a break or signed out.")
    rings = agent.state is AgentState.RINGING
    if agent.state in _ON_A_CALL or (rings and (event.state is AgentState.READY or floor.offer_of(agent) is None)):
        agent.next_state, agent.next_reason = event.state, event.reason
    elif event.state is not AgentState.READY:
        floor.leave(agent, event.state, event.reason, event.at)
    elif agent.state is not AgentState.READY:
        agent.missed = 0
        agent.next_state, agent.next_reason = AgentState.READY, ""
        floor.enter_planned(agent, event.at)
        floor.match_agent(agent, event.at)


def planned_next(floor: Floor, event: events.AgentPlannedNext) -> None:
    agent = _present(floor, event, event.agent)
    if event.state not in (AgentState.READY, AgentState.BREAK):
        raise Refused("Only ready or a break can be planned.")
    agent.next_state, agent.next_reason = event.state, event.reason


def wrap_up_extended(floor: Floor, event: events.WrapUpExtended) -> None:
    agent = _present(floor, event, event.agent)
    if agent.extended or agent.until is None:
        raise AlreadyExtended
    agent.extended, until = True, agent.until + event.seconds
    agent.until = until
    floor.commands.append(wish.StartTimer(name=WRAP_UP, key=agent.id, due=until))
    floor.commands.append(
        wish.ReportAgentState(agent=agent.id, at=agent.since, state=agent.state, call=agent.call, until=until)
    )


def began_call(floor: Floor, event: events.AgentBeganCall) -> None:
    """Who dials during a break is on that break again afterwards."""
    agent = _present(floor, event, event.agent)
    if agent.state is AgentState.BREAK:
        agent.next_state, agent.next_reason = AgentState.BREAK, agent.reason
    agent.wrap_up_seconds = floor.rules.wrap_up_seconds
    floor.enter(agent, AgentState.TALKING, event.at, call=event.call)


def skills_changed(floor: Floor, event: events.AgentSkillsChanged) -> None:
    """Live: a free agent may get a caller at once. Who is signed out brings the skills at the next sign-in."""
    agent = floor.agents.get(event.agent)
    if agent is None:
        return
    _learn(floor, agent, event)
    # The last one near to a caller may be near no longer.
    floor.departed.append((agent, False))
    floor.match_agent(agent, event.at)


def queues_changed(floor: Floor, event: events.QueuesChanged) -> None:
    """Callers keep their places; a queue that was removed is served as before until it is empty."""
    in_line = [floor.calls[call] for call in floor.line.in_order(event.at)]
    for waiting in in_line:
        floor.leave_line(waiting)
    used = {waiting.queue: floor.queues[waiting.queue] for waiting in floor.calls.values()}
    floor.queues = {**used, **{queue.id: queue for queue in event.queues}}
    for waiting in in_line:
        floor.match_call(waiting, event.at)
