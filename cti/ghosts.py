"""Agents whom the engine takes for busy with a call that is over: its end was lost, or told before its beginning."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from acd import events as acd
from acd.model import AgentState
from acd.snapshot import AgentView

_IN_A_TALK = (AgentState.TALKING, AgentState.HOLD)


def lay(agents: Iterable[AgentView], living: Collection[str], at: float) -> list[acd.Event]:
    """What the engine must be told so that nobody is busy with a call that is not among the `living`."""
    told: list[acd.Event] = []
    for agent in agents:
        if agent.call is None or agent.call in living:
            continue
        if agent.state in _IN_A_TALK:
            told.append(acd.TalkEnded(at=at, call=agent.call, agent=agent.id))
        elif agent.state is AgentState.RINGING:
            told += [
                acd.CallLeft(at=at, call=agent.call),
                acd.ConsultEnded(at=at, call=agent.call, agent=agent.id),
            ]
    return told
