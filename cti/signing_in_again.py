"""After a restart the agents are as they were: signed in, on a break, in a talk, in after-call work."""

from __future__ import annotations

from acd import events as acd
from acd.model import AgentId, AgentState, CallId, QueueId
from cti.memory import AgentThen, Memory
from cti.switchboard import Switchboard
from cti.workforce import Workforce


def sign_in_again(board: Switchboard, memory: Memory, workforce: Workforce) -> None:
    """As they were. A talk or after-call work is told to the engine as such: it then counts on from its beginning."""
    for agent, then in memory.agents.items():
        profile = workforce.agents.get(AgentId(agent))
        if profile is None:
            continue
        on_break = "break" in (then.state, then.next_state)
        reason = then.reason if then.state == "break" else then.next_reason
        state = AgentState.BREAK if on_break else AgentState.READY
        events: list[acd.Event] = [profile.signed_in(agent, then.at, state, reason if on_break else "")]
        if then.call and then.state in ("talking", "hold", "wrap_up"):
            events += _talk_again(memory, agent, then)
        board.carry_out(events)


def _talk_again(memory: Memory, agent: str, then: AgentThen) -> list[acd.Event]:
    call, who = CallId(then.call), AgentId(agent)
    contact = memory.contacts.get(then.call)
    queue = QueueId(contact.queue) if contact and contact.queue else None
    seconds = max(1, round(then.until - then.at)) if then.state == "wrap_up" and then.until else None
    talk = acd.CallFoundTalking(at=then.at, call=call, agent=who, since=then.at, queue=queue, wrap_up_seconds=seconds)
    return [talk] if then.state != "wrap_up" else [talk, acd.TalkEnded(at=then.at, call=call, agent=who)]
