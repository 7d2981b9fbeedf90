"""The rows a check of the ledger looks at, and its answer. Pure; times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm_core.history.events import Outcome


class Group(StrEnum):
    """Where an inbound contact stands in the equation; an outbound one is reached or not."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT_ABANDON = "short_abandon"
    VOICE_MESSAGE = "voice_message"
    CALLBACK = "callback"
    OVERFLOW = "overflow"  # no queue had a place for the caller
    CLOSED = "closed"
    SELF_SERVICE = "self_service"
    REFUSED = "refused"  # blocked, or a number that is not ours
    BEFORE_ANSWER = "before_answer"  # gave up before we answered the line
    INTERRUPTED = "interrupted"  # Asterisk ended in the call
    AWAY = "away"  # ended while we were away
    OPEN = "open"  # lives
    REACHED = "reached"
    NOT_REACHED = "not_reached"


GROUPS: Mapping[Outcome, Group] = {
    Outcome.ANSWERED: Group.ANSWERED,
    Outcome.PUT_THROUGH: Group.ANSWERED,
    Outcome.ABANDONED: Group.ABANDONED,
    Outcome.MENU_ONLY: Group.SELF_SERVICE,
    Outcome.OUT_OF_HOURS: Group.CLOSED,
    Outcome.BLOCKED: Group.REFUSED,
    Outcome.WRONG_NUMBER: Group.REFUSED,
    Outcome.VOICEMAIL: Group.VOICE_MESSAGE,
    Outcome.CALLBACK: Group.CALLBACK,
    Outcome.TURNED_AWAY: Group.OVERFLOW,
    Outcome.SHORT_RING: Group.BEFORE_ANSWER,
    Outcome.LOST: Group.INTERRUPTED,
    Outcome.ENDED_WHILE_AWAY: Group.AWAY,
    Outcome.REACHED: Group.REACHED,
    Outcome.NOT_REACHED: Group.NOT_REACHED,
}
OUTBOUND = frozenset({Group.REACHED, Group.NOT_REACHED})


class Kind(StrEnum):
    """What does not agree."""

    NO_OUTCOME = "no_outcome"  # over, or far too old to live, and no word how it ended
    WRONG_DIRECTION = "wrong_direction"  # an outcome that this direction cannot have
    TALK_NOT_COUNTED = "talk_not_counted"  # somebody talked, but the outcome says nobody did
    ANSWER_WITHOUT_TALK = "answer_without_talk"
    ABANDON_WITHOUT_QUEUE = "abandon_without_queue"
    PART_OUTSIDE = "part_outside"  # a visit or leg before the contact's start or after its end
    PART_OPEN = "part_open"  # a visit or leg that outlives its contact
    VISITS_OVERLAP = "visits_overlap"
    TALKS_OVERLAP = "talks_overlap"  # one agent with two customers
    STINTS_OVERLAP = "stints_overlap"
    STINT_GAP = "stint_gap"
    SUMS_DIFFER = "sums_differ"  # a report or the board counts otherwise than the rows
    NOT_RECORDED = "not_recorded"
    RECORDING_LOST = "recording_lost"  # its row says missing, or its file is gone
    RECORDING_CUT = "recording_cut"
    SOUND_UNKNOWN = "sound_unknown"  # a file that no row tells of
    MISSING_HERE = "missing_here"  # Asterisk had the call, our history has not
    MISSING_THERE = "missing_there"
    TIMES_DIFFER = "times_differ"
    TALK_MISSING_HERE = "talk_missing_here"
    TALK_MISSING_THERE = "talk_missing_there"
    ATTEMPT_WITHOUT_RESULT = "attempt_no_result"  # over, or far too old to live, or a word that is no result
    ATTEMPT_WITHOUT_CALL = "attempt_no_call"  # its result says that the line was reached
    CALL_WITHOUT_ATTEMPT = "call_no_attempt"
    ATTEMPT_DIFFERS = "attempt_differs"  # the call ended in another way than the attempt
    AGENT_TIME_LOST = "agent_time_lost"  # the states do not make the time signed in
    AGENT_SUMS_DIFFER = "agent_sums_differ"  # a report counts otherwise than the rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    id: str
    inbound: bool
    started: float
    ended: float | None
    outcome: str | None
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    id: int
    contact: str
    queue: str
    entered: float
    left: float | None
    wait: float | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """`kind` as in history.model.Leg. `consulted`: answered a colleague while the customer heard music."""

    id: str
    contact: str
    agent: str
    offered: float
    answered: float | None
    ended: float | None
    kind: str = "agent"
    consulted: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StintRow:
    """`signed_out`: the agent was offline from its end on; None = an older row that does not say."""

    agent: str
    state: str
    began: float
    ended: float | None
    signed_out: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLegRow:
    """A leg as an agent's figures count it, whatever day its contact began on. `why`, `queue` as in history.Leg."""

    agent: str
    offered: float
    answered: float | None
    ended: float | None
    result: str
    why: str = ""
    queue: str = ""
    outbound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One call of a campaign; `call` is its contact's id, `result` "" = under way."""

    call: str
    placed: float
    ended: float | None
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    leg: str
    contact: str
    file: str
    status: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`detail` has plain values: text, numbers, and times as seconds since 1970."""

    kind: Kind
    subject: str
    contact: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """`offered` = sum of `groups` is the inbound equation; `outbound` likewise. `queues` has for each queue and figure
    what the rows, the report and the board say. `attempts` = sum of `attempt_groups` are calls of campaigns, `agents`
    is reports.ledger_agents.Table."""

    offered: int
    outbound: int
    groups: Mapping[str, int]
    outbound_groups: Mapping[str, int]
    queues: Mapping[str, Mapping[str, tuple[float, float, float]]] = field(default_factory=dict)
    attempts: int = 0
    attempt_groups: Mapping[str, int] = field(default_factory=dict)
    agents: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDay:
    """All that belongs to the contacts that began in [start, end), the agents' states and legs that touch it, and the
    campaigns' attempts that were placed in it.

    `others` are contacts that began on another day, but are in this day's log or of its attempts. `now` is when it was
    read. `short_seconds` by queue is until when a hang-up is a short abandon.
    """

    start: float
    end: float
    now: float
    contacts: tuple[ContactRow, ...] = ()
    others: tuple[ContactRow, ...] = ()
    visits: tuple[VisitRow, ...] = ()
    legs: tuple[LegRow, ...] = ()
    stints: tuple[StintRow, ...] = ()
    recordings: tuple[RecordingRow, ...] = ()
    agent_legs: tuple[AgentLegRow, ...] = ()
    attempts: tuple[AttemptRow, ...] = ()
    short_seconds: Mapping[str, float] = field(default_factory=dict)
