"""What the routing engine knows of calls, agents and queues."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, NewType

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


class Medium(StrEnum):
    """What kind of work it is. A call takes the whole agent; of other work an agent may have several at a time."""

    VOICE = "voice"
    CHAT = "chat"
    EMAIL = "email"
    TASK = "task"


_ALL_MEDIA = frozenset(Medium)


class Strategy(StrEnum):
    """Which of the free agents who fit gets the caller."""

    BEST_SKILL = "best_skill"  # the highest level; among equals the longest idle
    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"  # the smallest share of the signed-in time spent on work
    ROUND_ROBIN = "round_robin"  # in turn by number, whoever worked how long


class WayOut(StrEnum):
    """Where a caller goes for whom a queue has no place any more."""

    STAY = "stay"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    GOODBYE = "goodbye"  # an announcement, then the end


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """From `after_seconds` of waiting on, agents from `level` on are good enough."""

    after_seconds: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflow:
    """The caller moves to queue `to`, the place kept, after so much waiting, or as soon as so much is expected.

    0 = that condition is not used. An expert second line is an overflow to the experts' queue.
    """

    to: QueueId
    after_seconds: int = 0
    expected_over_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How one queue is served; times in seconds, 0 = no after-call work, no announcements, told once, no limit.

    `levels` in order of waiting; () = every level of the skill will do. A caller's priority is that of the call, plus
    `priority`, plus one for each `ageing_seconds` waited (0 = none). `sticky_seconds` a caller waits for the previous
    agent alone who is busy. `affinity_seconds` agents with a tag of the caller's affinity go first, so long.
    `service_percent` of the callers shall have an agent within `service_seconds`: campaigns leave agents free for that.
    """

    id: QueueId
    skill: Skill
    ring_seconds: int = 20
    wrap_up_seconds: int = 30
    announce_every_seconds: int = 45
    first_announcement_seconds: int = 15
    strategy: Strategy = Strategy.BEST_SKILL
    levels: tuple[LevelStep, ...] = ()
    priority: int = 0
    ageing_seconds: int = 0
    sticky_seconds: int = 0
    affinity_seconds: int = 0
    overflow: tuple[Overflow, ...] = ()
    most_waiting: int = 0
    when_full: WayOut = WayOut.STAY
    longest_wait_seconds: int = 0
    when_too_long: WayOut = WayOut.STAY
    is_open_for_calls: bool = True
    service_seconds: int = 20
    service_percent: int = 80


class Need(NamedTuple):
    """What an agent must have for a caller now. `level` 0 = any; one of `tags` is enough, none = no tag is needed."""

    medium: Medium
    skill: Skill
    also: frozenset[Skill]
    level: int
    tags: frozenset[str]


@dataclass(slots=True)
class WaitingCall:
    """A caller in a queue. `offered_to` is set while an agent's phone rings for this caller.

    `arrival` settles ties of priority and time; `announce_due` is when the position may next be told. Only
    `reserved_for` may take the caller until `reserved_until`: because a person said so (`is_kept`), or because it is
    the caller's previous agent. `entered` is when the wait in the present queue began; `been` are the queues that the
    caller has left. `began` is later than `since` when a place was kept: that time does not try the patience of the
    queue. `wants_near` until `affinity_until`: an agent with a tag of `affinity`. An `outbound` one was called by us
    and has answered.
    """

    call: CallId
    queue: QueueId
    since: Instant
    need: Need
    priority: int = 0
    last_agent: AgentId | None = None
    offered_to: AgentId | None = None
    missed_by: set[AgentId] = field(default_factory=set)
    arrival: int = 0
    announce_due: Instant = 0.0
    reserved_for: AgentId | None = None
    reserved_until: Instant = 0.0
    is_kept: bool = False
    affinity: frozenset[str] = frozenset()
    affinity_until: Instant = 0.0
    wants_near: bool = False
    entered: Instant = 0.0
    began: Instant = 0.0
    been: set[QueueId] = field(default_factory=set)
    callback: bool = False
    outbound: bool = False
    is_watched: bool = False


@dataclass(slots=True)
class Agent:
    """A signed-in agent. `skills` maps a skill to its level, 1 (knows a little) to 9 (best).

    `call` is the one that rings, talks or is written up. `next_state` follows the present call: READY, BREAK,
    or OFFLINE for a person who signed out during it. `until` is when after-call work ends by itself. A `second` agent
    is in a call that another one has. `work` are pieces that are no calls, offered or open; it leaves the state alone.
    `serving` is the skill for which the present call is handled.
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
    tags: frozenset[str] = frozenset()
    capacity: Mapping[Medium, int] = field(default_factory=dict)
    missed_limit: int | None = None
    second: bool = False
    work: dict[CallId, Medium] = field(default_factory=dict)
    serving: Skill | None = None
    signed_in_at: Instant = 0.0
    busy_since: Instant = 0.0
    busy_seconds: float = 0.0

    def has_room(self, medium: Medium) -> bool:
        """Whether the agent, being ready, may be given one more piece of such work."""
        if medium is Medium.VOICE:
            return self.reachable and self.capacity.get(medium, 1) > 0
        return sum(kind is medium for kind in self.work.values()) < self.capacity.get(medium, 1)

    def open_media(self) -> Collection[Medium]:
        """The kinds of work of which the agent, being ready, may be given one more."""
        if self.reachable and not self.capacity and not self.work:
            return _ALL_MEDIA
        return [medium for medium in Medium if self.has_room(medium)]

    def occupancy(self, at: Instant) -> float:
        """The share of the time since the sign-in that was spent on work, 0 to 1; work in progress not counted."""
        return self.busy_seconds / max(at - self.signed_in_at, 1.0)
