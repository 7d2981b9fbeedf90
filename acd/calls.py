"""What the engine does when Asterisk tells something of a call, or a timer is due. None of this raises."""

from __future__ import annotations

from acd import commands as wish
from acd import events, patience, promises
from acd.floor import MISSED, NEVER, PATIENCE, POSITION, RING, WRAP_UP, Floor
from acd.model import Agent, AgentId, AgentState, CallId, Medium
from acd.promises import PROMISE
from acd.transitions import is_allowed


def call_queued(floor: Floor, event: events.CallQueued) -> None:
    """A queue that is closed takes nobody but those whom a person placed there, and those to be called back."""
    if event.call in floor.calls:
        floor.strange(event, "the caller is in a queue already", call=event.call)
        return
    if event.queue not in floor.queues:
        floor.strange(event, "nobody knows this queue", call=event.call)
    caller = floor.admit(
        event.call,
        event.queue,
        at=event.at,
        since=event.at if event.since is None else event.since,
        priority=event.priority,
        last_agent=event.last_agent,
        also=event.also,
        affinity=event.affinity,
        medium=event.medium,
        callback=event.callback,
        outbound=event.outbound,
    )
    caller.began = event.at
    if event.reserved_for is not None and event.reserved_for in floor.agents and event.reserved_seconds > 0:
        patience.keep(caller, event.reserved_for, event.at + event.reserved_seconds)
    way = patience.way_if_closed(floor, caller)
    if way is not None:
        del floor.calls[event.call]
        floor.commands.append(wish.DivertCall(call=event.call, way=way, why="closed"))
        return
    patience.begin(floor, caller, event.at)
    floor.match_call(caller, event.at, is_new=True)


def call_left(floor: Floor, event: events.CallLeft) -> None:
    """Asterisk also reports hang-ups of calls that were served long ago: those change nothing here."""
    waiting = floor.calls.pop(event.call, None)
    if waiting is None:
        return
    if waiting.offered_to is None:
        floor.leave_line(waiting)
        return
    agent = floor.agents[waiting.offered_to]
    floor.take_back(waiting)
    if waiting.need.medium is not Medium.VOICE:
        floor.change_work(agent, waiting.call, None, event.at)
    else:
        # Nobody missed anything: the agent keeps the place that idle time had earned.
        floor.enter_planned(agent, event.at, idle_since=agent.idle_since)
    floor.match_agent(agent, event.at)


def offer_ended(floor: Floor, event: events.OfferEnded) -> None:
    """The next fitting agent at once. The echo of an offer that the engine itself ended changes nothing."""
    waiting = floor.calls.get(event.call)
    if waiting is None or waiting.offered_to != event.agent:
        return
    agent = floor.agents[event.agent]
    floor.take_back(waiting)
    waiting.missed_by.add(agent.id)
    is_lost = event.result is events.OfferResult.UNREACHABLE
    if waiting.reserved_for == agent.id and not (is_lost and waiting.is_kept):
        patience.free_of_reservation(waiting)
    # Before this agent is free again: others come first, and a longer-waiting caller is not passed over.
    floor.match_call(waiting, event.at)
    if is_lost:
        _set_reachable(floor, agent, event.at, reachable=False)
    else:
        agent.missed += 1
    if waiting.need.medium is Medium.VOICE:
        _rest_if_missed(floor, agent)
        floor.enter_planned(agent, event.at)
    else:
        floor.change_work(agent, waiting.call, None, event.at)
        _rest_if_missed(floor, agent)
        if agent.state is AgentState.READY and agent.next_state is AgentState.BREAK:
            floor.leave(agent, AgentState.BREAK, MISSED, event.at)
    floor.match_agent(agent, event.at)


def _rest_if_missed(floor: Floor, agent: Agent) -> None:
    """Too many offers missed in a row: a break follows."""
    limit = floor.rules.missed_limit if agent.missed_limit is None else agent.missed_limit
    if 0 < limit <= agent.missed and agent.next_state is not AgentState.OFFLINE:
        agent.next_state, agent.next_reason, agent.missed = AgentState.BREAK, MISSED, 0


def call_answered(floor: Floor, event: events.CallAnswered) -> None:
    waiting = floor.calls.get(event.call)
    if waiting is None or waiting.offered_to != event.agent:
        floor.strange(event, "this phone was not ringing for this call", agent=event.agent, call=event.call)
        return
    agent = floor.agents[event.agent]
    del floor.calls[event.call]
    floor.take_back(waiting)
    agent.missed = 0
    if waiting.need.medium is not Medium.VOICE:
        return
    queue = floor.queues[waiting.queue]
    agent.wrap_up_seconds, agent.serving = queue.wrap_up_seconds, queue.skill
    floor.enter(agent, AgentState.TALKING, event.at, call=event.call)


def call_held(floor: Floor, event: events.CallHeld) -> None:
    agent = _talker(floor, event, event.agent, event.call)
    if agent is not None:
        floor.enter(agent, AgentState.HOLD, event.at, call=event.call, second=agent.second)


def call_resumed(floor: Floor, event: events.CallResumed) -> None:
    agent = _talker(floor, event, event.agent, event.call)
    if agent is not None:
        floor.enter(agent, AgentState.TALKING, event.at, call=event.call, second=agent.second)


def talk_ended(floor: Floor, event: events.TalkEnded) -> None:
    """Of work beside calls: the piece is done, and there is room for another."""
    other = floor.agents.get(event.agent)
    if other is not None and event.call in other.work and event.call not in floor.calls:
        floor.change_work(other, event.call, None, event.at)
        floor.match_agent(other, event.at)
        return
    agent = _talker(floor, event, event.agent, event.call)
    if agent is not None:
        floor.begin_wrap_up(agent, event.at)


def _talker(floor: Floor, event: events.Event, agent_id: AgentId, call: CallId) -> Agent | None:
    agent = floor.agents.get(agent_id)
    if agent is not None and agent.call == call and is_allowed(agent.state, type(event)):
        return agent
    floor.strange(event, f"the agent is {agent.state if agent else AgentState.OFFLINE}", agent=agent_id, call=call)
    return None


def reachability_changed(floor: Floor, event: events.AgentReachabilityChanged) -> None:
    """A phone that is lost while it rings loses the caller to the next agent."""
    if event.reachable == (event.agent not in floor.unreachable):
        return
    agent = floor.agents.get(event.agent)
    if agent is None:
        (floor.unreachable.discard if event.reachable else floor.unreachable.add)(event.agent)
        return
    _set_reachable(floor, agent, event.at, reachable=event.reachable)
    if event.reachable:
        floor.match_agent(agent, event.at)
    elif agent.state is AgentState.RINGING and (waiting := floor.offer_of(agent)) is not None:
        floor.withdraw(waiting)
        floor.enter_planned(agent, event.at)
        floor.match_call(waiting, event.at)
        floor.match_agent(agent, event.at)  # work beside calls needs no telephone


def _set_reachable(floor: Floor, agent: Agent, at: float, *, reachable: bool) -> None:
    agent.reachable = reachable
    floor.commands.append(wish.ReportAgentReachability(agent=agent.id, at=at, reachable=reachable))
    if reachable:
        floor.unreachable.discard(agent.id)
    else:
        floor.unreachable.add(agent.id)
        floor.departed.append((agent, False))
    if agent.state is AgentState.READY:
        floor.free.add(agent)


def timer_fired(floor: Floor, event: events.TimerFired) -> None:
    """A timer that was cancelled while it fired finds no owner and changes nothing."""
    if event.name == WRAP_UP:
        _wrap_up_over(floor, event)
        return
    if event.name == PROMISE:
        promises.over(floor, event)
        return
    waiting = floor.calls.get(CallId(event.key))
    if waiting is None:
        return
    if event.name == PATIENCE and waiting.offered_to is None:
        waiting.is_watched = False
        floor.match_call(waiting, event.at)
    elif event.name == POSITION and waiting.offered_to is None:
        every = floor.queues[waiting.queue].announce_every_seconds
        position = floor.line.position(waiting, event.at)
        expected = floor.expected_in(waiting, floor.queues[waiting.queue], event.at)
        floor.commands.append(wish.AnnouncePosition(call=waiting.call, position=position, expected_wait=expected))
        waiting.announce_due = event.at + every if every > 0 else NEVER
        if every > 0:
            floor.commands.append(wish.StartTimer(name=POSITION, key=waiting.call, due=waiting.announce_due))
    elif event.name == RING and waiting.offered_to is not None:
        # The answer itself may have been lost: taking the offer back here could cut a talk.
        floor.strange(event, "no news of this offer", agent=waiting.offered_to, call=waiting.call)
        ring_seconds = floor.queues[waiting.queue].ring_seconds
        floor.commands.append(wish.StartTimer(name=RING, key=waiting.call, due=event.at + ring_seconds))


def _wrap_up_over(floor: Floor, event: events.TimerFired) -> None:
    agent = floor.agents.get(AgentId(event.key))
    if agent is None or agent.until is None:
        return
    if event.at < agent.until:  # it was extended while the old timer fired, or the clocks differ a little
        floor.commands.append(wish.StartTimer(name=WRAP_UP, key=agent.id, due=agent.until))
        return
    agent.until = None
    floor.enter_planned(agent, event.at)
    floor.match_agent(agent, event.at)
