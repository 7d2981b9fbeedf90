"""What the routing engine wants done, in the imperative. `cti` carries each out or reports back by an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from acd.events import Event
from acd.model import AgentId, AgentState, CallId, Instant, QueueId, WayOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    pass


class Verdict(NamedTuple):
    """Why this agent, or why not. `word` is one of acd.verdicts.Word, `value` its number (level, seconds)."""

    agent: AgentId
    word: str
    value: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCall(Command):
    """Ring this agent's phone for this caller. `why` is one of the reasons in acd.selection.Why.

    `verdicts` names the chosen agent first and a few who were not chosen; `others` counts further ones who have the
    skill. `needed_level` is the level of the queue's skill that sufficed at this moment, 0 = any.
    """

    call: CallId
    agent: AgentId
    ring_seconds: int
    why: str
    needed_level: int = 0
    verdicts: tuple[Verdict, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCall(Command):
    """The turn of a callback has come: `agent` is TALKING with `call` already; ring the agent, then the customer.

    `TalkEnded` ends it, whether or not the customer was reached. A further attempt is a new `CallQueued`.
    """

    call: CallId
    agent: AgentId
    why: str
    needed_level: int = 0
    verdicts: tuple[Verdict, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DivertCall(Command):
    """The queue has no place for this caller: `why` is "full", "too_long" or "closed". The engine has let go of it."""

    call: CallId
    way: WayOut
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCallMoved(Command):
    """The caller is in another queue, the place kept. `why`: overflow_wait, overflow_expected, full or moved."""

    call: CallId
    at: Instant
    queue: QueueId
    to: QueueId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer(Command):
    """Stop ringing; the caller goes back to the music with the place kept."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncePosition(Command):
    """Tell a waiting caller the place in the queue, 1 = next. Never sent while a phone rings for the caller.

    `expected_wait` in seconds from now, None = not known yet.
    """

    call: CallId
    position: int
    expected_wait: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAgentState(Command):
    """The agent's state changed at `at`; `until` is when after-call work ends by itself, None = open end."""

    agent: AgentId
    at: Instant
    state: AgentState
    reason: str = ""
    call: CallId | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTimer(Command):
    """Come back with `TimerFired(name, key)` at `due`; a running timer of the same name and key is replaced."""

    name: str
    key: str
    due: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer(Command):
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAgentReachability(Command):
    """The agent's phone can, or cannot, be rung since `at`; the agent's state is another matter."""

    agent: AgentId
    at: Instant
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStrange(Command):
    """Asterisk told something that does not fit: log it, then compare `agent` and `call` with Asterisk.

    The engine changed nothing. What the comparison finds comes back as `CallFound…` or as the missing event.
    """

    event: Event
    why: str
    agent: AgentId | None = None
    call: CallId | None = None
