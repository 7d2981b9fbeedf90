"""Which waiting message is offered to which ready agent. Pure: what is known in, pairs out.

A call always goes first: who could take a call that waits is offered nothing. One message at a time for each agent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ASKED_AGAIN = timedelta(minutes=10)  # after a refusal; whoever sees it again sooner learns to ignore it


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """An agent who is ready and has no message in hand; `since` is the beginning of being ready."""

    number: str
    skills: Mapping[str, int]
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that nobody works on. `skill` "" = everybody may; `refused` maps agents to when they let it pass."""

    id: str
    skill: str
    due: datetime
    urgent: bool = False
    refused: Mapping[str, datetime] = field(default_factory=dict)


def offers(
    messages: Iterable[Waiting], agents: Iterable[Idle], calls: Collection[str], now: datetime
) -> list[tuple[str, str]]:
    """(message, agent) pairs. `calls` are the skills that waiting calls need.

    Urgent messages first, then by due time; of several agents the best skill, then the longest idle.
    """
    free = {one.number: one for one in agents if not (set(one.skills) & set(calls))}
    found: list[tuple[str, str]] = []
    for message in sorted(messages, key=lambda one: (not one.urgent, one.due, one.id)):
        able = [one for one in free.values() if _may(message, one, now)]
        best = min(able, key=lambda one: (-one.skills.get(message.skill, 0), one.since, one.number), default=None)
        if best is not None:
            found.append((message.id, best.number))
            del free[best.number]
    return found


def _may(message: Waiting, agent: Idle, now: datetime) -> bool:
    if message.skill and message.skill not in agent.skills:
        return False
    passed = message.refused.get(agent.number)
    return passed is None or now - passed >= ASKED_AGAIN
