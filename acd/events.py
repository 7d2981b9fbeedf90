"""Facts the routing engine is told, in the past tense. Each carries the time at which it became true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.model import AgentId, AgentState, CallId, Instant, Medium, Queue, QueueId, Skill


class OfferResult(StrEnum):
    """Why an offer ended without a talk."""

    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Event):
    """A caller begins to wait. `since` is earlier than `at` when a place in the queue was kept.

    Only `reserved_for` may take the caller for `reserved_seconds` from `at` on: a transfer to one agent, a customer
    whose agent's browser went away. `also` are skills that an agent must have besides the queue's, at any level.
    `affinity` are tags, e.g. "dealer:17", "region:east"; see `Queue.affinity_seconds`. A `callback` is a place kept
    for somebody who hung up: its turn is a `commands.ReturnCall` instead of an offer. An `outbound` one was called by
    us: agents who are promised to campaigns (`AgentsPromised`) are for these.
    """

    call: CallId
    queue: QueueId
    since: Instant | None = None
    priority: int = 0
    last_agent: AgentId | None = None
    reserved_for: AgentId | None = None
    reserved_seconds: float = 0.0
    also: frozenset[Skill] = frozenset()
    affinity: frozenset[str] = frozenset()
    medium: Medium = Medium.VOICE
    callback: bool = False
    outbound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeft(Event):
    """The caller is no longer in the queue: hung up, or went another way. Also while a phone rings."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(Event):
    """The agent's phone stopped ringing without an answer; the caller still waits."""

    call: CallId
    agent: AgentId
    result: OfferResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(Event):
    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(Event):
    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(Event):
    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded(Event):
    """The agent's leg is over, whoever hung up. After-call work begins."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBeganCall(Event):
    """The agent dials out; the engine offers nothing until the matching TalkEnded."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSignedIn(Event):
    """`state` is READY or BREAK. `missed_limit` None = as the rules say; media that `capacity` lacks count 1."""

    agent: AgentId
    skills: Mapping[Skill, int]
    state: AgentState = AgentState.BREAK
    reason: str = ""
    tags: frozenset[str] = frozenset()
    capacity: Mapping[Medium, int] = field(default_factory=dict)
    missed_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSignedOut(Event):
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBecameReady(Event):
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTookBreak(Event):
    agent: AgentId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPlannedNext(Event):
    """What follows the present call's after-call work: READY or BREAK with a reason."""

    agent: AgentId
    state: AgentState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpExtended(Event):
    agent: AgentId
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReachabilityChanged(Event):
    """The agent's phone registered or was lost; an unreachable phone is offered nothing."""

    agent: AgentId
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSkillsChanged(Event):
    """What the records say of the agent now; fields as in `AgentSignedIn`."""

    agent: AgentId
    skills: Mapping[Skill, int]
    tags: frozenset[str] = frozenset()
    capacity: Mapping[Medium, int] = field(default_factory=dict)
    missed_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentForced(Event):
    """A supervisor sets READY, BREAK or OFFLINE, whatever the agent does: in a talk it is what follows it."""

    agent: AgentId
    state: AgentState
    reason: str = ""


# A person at the desk, or a supervisor, places a caller. Illegal wishes are refused.


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved(Event):
    """The caller waits in another queue from now on, with the place that the waiting has earned."""

    call: CallId
    queue: QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPromoted(Event):
    """The caller is served before all others of the queue."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAssigned(Event):
    """Only this agent may take the caller, for `seconds`; then everybody again."""

    call: CallId
    agent: AgentId
    seconds: float = 60.0


# A second agent joins a call that a first one has: the engine keeps who is busy, `cti` who talks with whom.


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultBegan(Event):
    """`agent`'s phone is about to ring for a colleague's question. Refused unless the agent is ready and reachable."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultAnswered(Event):
    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultEnded(Event):
    """The second agent has no part in the call any more. After an answer, after-call work of the rules' length."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHandedOver(Event):
    """The call is `to`'s from now on, in TALKING, and over for `agent`, whose after-call work begins."""

    call: CallId
    agent: AgentId
    to: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesChanged(Event):
    """The set of queues was edited; waiting callers keep their places."""

    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsPromised(Event):
    """Lines ring that rely on `count` free agents with `skill`; told anew as lines come and go, 0 = on none.

    Inbound callers get those agents only after they have waited for `longest` seconds. Without news it ends at `until`.
    """

    skill: Skill
    count: int
    until: Instant
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Event):
    """A timer that the engine asked for by `commands.StartTimer` is due."""

    name: str
    key: str


# What a restarted or reconnected platform finds in Asterisk is told by these three before any other event:
# talking calls first, then ringing, then waiting. They are believed whatever the engine thought before.


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFoundWaiting(Event):
    """`reserved_until` is an instant: the caller is kept for `reserved_for` until then, and not when it is over."""

    call: CallId
    queue: QueueId
    since: Instant
    priority: int = 0
    last_agent: AgentId | None = None
    reserved_for: AgentId | None = None
    reserved_until: Instant = 0.0
    also: frozenset[Skill] = frozenset()
    affinity: frozenset[str] = frozenset()
    outbound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFoundRinging(Event):
    call: CallId
    queue: QueueId
    since: Instant
    agent: AgentId
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFoundTalking(Event):
    """`since` is when the talk began; `held` tells that the customer hears music.

    After-call work lasts `wrap_up_seconds`, None = as `queue` has it. A `second` agent is in the call beside the one
    who has it: consulted, or in a conference.
    """

    call: CallId
    agent: AgentId
    since: Instant
    held: bool = False
    queue: QueueId | None = None
    wrap_up_seconds: int | None = None
    second: bool = False
