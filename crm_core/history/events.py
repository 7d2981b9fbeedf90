"""The feed's record types: every fact about a contact or an agent, once, numbered, in order.

`cti` produces them; the journal, the history, the wallboard and the desktop read them. They live here,
below everybody, so that readers need not import the producer. `call` is the contact's id everywhere: the
linkedid of the first channel. `leg` is the id of one agent's part of the call. Times are seconds since
1970-01-01 UTC, taken from the event that made the fact true.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """How a contact ended; each contact gets exactly one."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # hung up in a queue, before an agent answered
    MENU_ONLY = "menu_only"  # hung up in the menu, or was served by it
    OUT_OF_HOURS = "out_of_hours"
    BLOCKED = "blocked"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"  # left the queue for a callback
    SHORT_RING = "short_ring"  # gave up before we answered the line
    WRONG_NUMBER = "wrong_number"  # a number that we do not serve
    REACHED = "reached"  # outbound: the customer answered
    NOT_REACHED = "not_reached"  # outbound: busy, no answer, refused by the network
    LOST = "lost"  # ended in a way that cannot be told, e.g. while Asterisk was killed
    ENDED_WHILE_AWAY = "ended_while_away"  # ended while our process was down, and nothing told how


class EndedBy(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactStarted(HistoryEvent):
    """`caller` and `entry` are what the network said: digits and a leading +, cleaned, maybe empty.

    For an outbound contact `caller` is the customer's number all the same and `agent` who dialled.
    """

    call: str
    direction: Direction
    caller: str
    entry: str
    agent: str = ""
    customer_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAnswered(HistoryEvent):
    """Our side went off-hook: the menu began, or the customer of an outbound call answered."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentified(HistoryEvent):
    """`matches` are customer ids, best first; one = certain, several = the agent chooses."""

    call: str
    matches: tuple[int, ...]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuStep(HistoryEvent):
    """The caller was at `node` and pressed `key` ("" = nothing, the prompt ran out)."""

    call: str
    node: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuLeft(HistoryEvent):
    """`path` are the names of the nodes taken, e.g. ("main", "repair"); `topic` the section chosen."""

    call: str
    path: tuple[str, ...]
    topic: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(HistoryEvent):
    call: str
    queue: str
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(HistoryEvent):
    """`why` is the reason the engine chose this agent, a word of acd.selection.Why."""

    call: str
    leg: str
    agent: str
    queue: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(HistoryEvent):
    """`result`: no_answer, declined, busy, unreachable, withdrawn or caller_gone."""

    call: str
    leg: str
    agent: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkBegan(HistoryEvent):
    call: str
    leg: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBegan(HistoryEvent):
    call: str
    leg: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnded(HistoryEvent):
    call: str
    leg: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded(HistoryEvent):
    call: str
    leg: str
    agent: str
    by: EndedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(HistoryEvent):
    """`file` is the name below the recordings folder, made of our own ids only."""

    call: str
    leg: str
    agent: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeftQueue(HistoryEvent):
    """`result`: answered, abandoned, voicemail, callback, overflow or lost.

    Comes once per CallQueued, before ContactEnded. Readers close a visit that is still open then by the outcome.
    """

    call: str
    queue: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnded(HistoryEvent):
    """`estimated` tells that times were rebuilt after a gap and not seen as they happened."""

    call: str
    outcome: Outcome
    by: EndedBy
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStateChanged(HistoryEvent):
    """`state` is a word of acd.model.AgentState; `until` is when after-call work ends by itself, 0 = open."""

    agent: str
    state: str
    reason: str = ""
    call: str = ""
    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReachabilityChanged(HistoryEvent):
    """The agent's phone can, or cannot, be rung from now on; the state of the agent stays as it is."""

    agent: str
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyLinkChanged(HistoryEvent):
    """The link to Asterisk went down (figures since then are stale) or is back and resynced."""

    connected: bool


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One numbered event. Numbers grow by one, for ever, also over restarts."""

    number: int
    event: HistoryEvent
