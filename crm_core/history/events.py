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
    TURNED_AWAY = "turned_away"  # the queue was full, or the wait too long, and its way out was a goodbye
    PUT_THROUGH = "put_through"  # the menu connected the caller with somebody outside, who answered
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
    """`path` are the names of the nodes taken, e.g. ("main", "repair"); `topic` the section chosen.

    `visits` are all nodes entered in this version of the flow, each as "node|what led there|seconds since 1970"; the
    last one was left at `at`, by hanging up if `hung_up`. `first` is the number of the first of them: who could
    not be put through to somebody outside goes on in the menu, and leaves it again.
    """

    call: str
    path: tuple[str, ...]
    topic: str
    language: str
    flow: str = ""
    version: int = 0
    visits: tuple[str, ...] = ()
    hung_up: bool = False
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(HistoryEvent):
    call: str
    queue: str
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(HistoryEvent):
    """`why` is the reason the engine chose this agent, a word of acd.selection.Why, or "consult".

    `verdicts` tell why this agent and why not some others, each as "agent|word|number", the chosen one first;
    `others` counts further agents with the skill. `needed_level` 0 = any level would do.
    """

    call: str
    leg: str
    agent: str
    queue: str
    why: str
    needed_level: int = 0
    verdicts: tuple[str, ...] = ()
    others: int = 0


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


# Two agents, one call. A leg's talk with the customer is TalkBegan to TalkEnded for each agent alone; what a second
# agent says to the first while the customer hears music is ConsultBegan to ConsultEnded.


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultBegan(HistoryEvent):
    """`kind` of the second party: agent, dealer or number; `party` the agent's number, the dealer's id, or digits.

    `leg` is theirs. Told when the second phone begins to ring; `by` is the agent who asks.
    """

    call: str
    leg: str
    by: str
    kind: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultAnswered(HistoryEvent):
    call: str
    leg: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultEnded(HistoryEvent):
    """`result`: handed_over, conference, cancelled, not_reached, party_gone or customer_gone."""

    call: str
    leg: str
    party: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTransferred(HistoryEvent):
    """`by` gave the call away: `kind` agent, queue, dealer or number; `target` which. `blind` = without asking.

    `leg` is the giver's. `by` "" = the menu did, and `leg` is the one that is dialled.
    """

    call: str
    leg: str
    by: str
    kind: str
    target: str
    blind: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyJoined(HistoryEvent):
    """A third party is in the talk, the customer too: `kind` agent, supervisor, dealer or number."""

    call: str
    leg: str
    kind: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLeft(HistoryEvent):
    call: str
    leg: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParked(HistoryEvent):
    """`slot` is what colleagues see, e.g. "P3"; the agent's talk is over."""

    call: str
    agent: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPickedUp(HistoryEvent):
    call: str
    agent: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDropped(HistoryEvent):
    """The agent left a recorded message with the other side (an answering machine) and went on."""

    call: str
    leg: str
    agent: str
    message: str


# A supervisor's acts on the floor. Each is on the audit log, too.


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionChanged(HistoryEvent):
    """`mode`: listen, whisper, barge, take; "" = over. `agent` is the one who is listened to.

    Told when the supervisor asks for it, and again when the supervisor's phone is `connected`.
    """

    call: str
    agent: str
    supervisor: str
    mode: str
    connected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved(HistoryEvent):
    """`why`: overflow_wait, overflow_expected, full or moved; `by` "" = the engine's rules.

    Follows CallLeftQueue(result="overflow") of the one queue and CallQueued of the other.
    """

    call: str
    queue: str
    to: str
    why: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlaced(HistoryEvent):
    """A supervisor put a waiting caller first (`agent` "") or gave the caller to one agent."""

    call: str
    by: str
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMessageSent(HistoryEvent):
    """`agents` are who shall see it."""

    by: str
    agents: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSteered(HistoryEvent):
    """A supervisor set an agent's state, at once or for after the present call; the agent reads who did."""

    agent: str
    by: str
    state: str
    reason: str = ""


# A caller who does not stay on the line.


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackBooked(HistoryEvent):
    """`callback` names the request, `call` the contact it was made in; `since` is the place in the queue it keeps."""

    callback: str
    call: str
    number: str
    queue: str
    since: float
    priority: int = 0
    language: str = ""
    matches: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAttempted(HistoryEvent):
    """`call` is the outgoing contact of this attempt, `agent` who is connected."""

    callback: str
    call: str
    agent: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPostponed(HistoryEvent):
    """Next try at `due`, with the place kept: the customer was not reached, the agent's phone failed, or we are closed.

    `tried` counts the calls that rang the customer's phone.
    """

    callback: str
    due: float
    tried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackEnded(HistoryEvent):
    """`result`: reached, given_up, cancelled, or returned (the customer called again and was served)."""

    callback: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMessageLeft(HistoryEvent):
    """`file` is below the recordings folder; `urgent` = the caller wanted roadside rescue."""

    call: str
    queue: str
    caller: str
    file: str
    seconds: float
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOffered(HistoryEvent):
    """A voice message is offered to an agent who is ready; `message` "" = what was offered is taken back."""

    agent: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyOffered(HistoryEvent):
    """After the talk `leg` the customer is invited to answer; `version` is that of the queue's questions."""

    call: str
    leg: str
    agent: str
    queue: str
    language: str
    version: int
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(HistoryEvent):
    """`question` is an id of the version that is asked, `value` the key, 1 the worst and 5 the best."""

    call: str
    leg: str
    question: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEnded(HistoryEvent):
    """`result`: complete, declined or silent. Nobody tells it of a customer who hangs up: what was answered stands."""

    call: str
    leg: str
    result: str


OF_QUESTIONS = "survey"
"""The agent of a recording of questions without an agent; "" is a voice message, which is everybody's work."""
OF_MENU = "menu"
"""The agent of a recording of the menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(HistoryEvent):
    """`file` is the name below the recordings folder, made of our own ids only."""

    call: str
    leg: str
    agent: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPaused(HistoryEvent):
    """From `at` on this leg's recording holds silence, at the latest until `until`: RecordingResumed tells the end.

    `by` is an agent's or a person's number, or "key:<name>" for another system; `why` is button, key, field or api.
    """

    call: str
    leg: str
    by: str
    why: str
    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingResumed(HistoryEvent):
    """The recording holds the talk again. `by` "" = nobody: `why` is limit, or over when the talk is.

    `why` leg: this leg is over and the pause goes on with the customer, whose next leg begins in silence.
    """

    call: str
    leg: str
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMissed(HistoryEvent):
    """A talk without a recording. `why`: disk (the volume is full), not_started (Asterisk told of none within the
    limit) or not_written (it did, and there is no file).

    A RecordingStarted of the same leg that comes later takes it back.
    """

    call: str
    leg: str
    agent: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsStopped(HistoryEvent):
    """The volume of the recordings is so full (or away) that no new one begins, or they begin again; `used` in %."""

    stopped: bool
    used: float


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
    """The link to Asterisk went down (figures since then are stale) or is back and resynced.

    `since` is the last moment at which we knew all that happened; 0 = not known, or never before. `reason`: link_lost,
    platform_down or asterisk_restarted.
    """

    connected: bool
    since: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One numbered event. Numbers grow by one, for ever, also over restarts."""

    number: int
    event: HistoryEvent
