"""What the routing engine knows of calls, agents and queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

CallId = NewType("CallId", str)
"""One contact on the telephone: the linkedid of the customer's first channel."""
AgentId = NewType("AgentId", str)
"""The agent's personnel number, which is also the extension of the phone, e.g. "1018"."""
QueueId = NewType("QueueId", str)
Skill = NewType("Skill", str)

Instant = float
"""Seconds since 1970-01-01 UTC. Every event carries one, so that nothing in this room reads a clock."""


class AgentState(StrEnum):
    """What an agent does now; the wallboard, the desktop and the reports use these words."""

    OFFLINE = "offline"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    BREAK = "break"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How one queue is served; times in seconds, 0 = no after-call work, no announcements, told once."""

    id: QueueId
    skill: Skill
    ring_seconds: int = 20
    wrap_up_seconds: int = 30
    announce_every_seconds: int = 45
    first_announcement_seconds: int = 15


@dataclass(slots=True)
class WaitingCall:
    """A caller in a queue. `offered_to` is set while an agent's phone rings for this caller.

    `arrival` settles ties of priority and time; `announce_due` is when the position may next be told.
    """

    call: CallId
    queue: QueueId
    skill: Skill
    since: Instant
    priority: int = 0
    last_agent: AgentId | None = None
    offered_to: AgentId | None = None
    missed_by: set[AgentId] = field(default_factory=set)
    arrival: int = 0
    announce_due: Instant = 0.0


@dataclass(slots=True)
class Agent:
    """A signed-in agent. `skills` maps a skill to its level, 1 (knows a little) to 9 (best).

    `call` is the one that rings, talks or is written up. `next_state` follows the present call: READY, BREAK,
    or OFFLINE for a person who signed out during it. `until` is when after-call work ends by itself.
    """

    id: AgentId
    skills: Mapping[Skill, int]
    state: AgentState
    since: Instant
    idle_since: Instant
    reason: str = ""
    call: CallId | None = None
    missed: int = 0
    next_state: AgentState = AgentState.READY
    next_reason: str = ""
    reachable: bool = True
    wrap_up_seconds: int = 0
    until: Instant | None = None
    extended: bool = False
