"""What the call book keeps of one contact."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm_core.history.events import Direction, EndedBy, Outcome
from cti.attempts import Attempt


class Phase(StrEnum):
    """Where the customer is now."""

    RINGING_IN = "ringing_in"  # not answered yet
    MENU = "menu"
    WAITING = "waiting"
    OFFERING = "offering"
    TALKING = "talking"
    LOST = "lost"  # the agent's browser went away in the talk
    LEAVING = "leaving"  # has chosen, or been given, another way than an agent: callback, message, goodbye
    AFTER = "after"  # the agent has hung up, the customer's channel still runs our dialplan
    FALLBACK = "fallback"  # plain Queue(), because the platform did not answer
    DIALLING = "dialling"  # outbound, before the customer answers
    CONSULTING = "consulting"  # music, while the agent asks somebody or chooses what comes next
    CONFERENCE = "conference"  # with the agent and a second party
    PARKED = "parked"  # music, until a colleague picks up
    EXTERNAL = "external"  # with, or on the way to, a dealer or an outside number; no agent of ours
    DROPPING = "dropping"  # hears a recorded message, after which the call ends


@dataclass(slots=True)
class Leg:
    """One agent's part. `channel` and `uniqueid` are known once Asterisk dials; times are 0 until they come."""

    id: str
    agent: str
    queue: str
    why: str
    offered_at: float
    channel: str = ""
    uniqueid: str = ""
    rang: bool = False
    up: bool = False
    answered_at: float = 0.0
    left_at: float = 0.0
    hold_since: float = 0.0
    sip_code: int = 0
    hung_up: bool = False  # the phone said BYE, or the agent asked us to
    withdrawn: bool = False  # the engine took the offer back at the moment at which the phone answered
    file: str = ""  # the recording, once it runs
    recorded_at: float = 0.0
    file_told: bool = False
    missed: str = ""  # why there is no recording, a word of the feed's RecordingMissed
    missed_told: bool = False
    proven: bool = False  # its file was seen on the disk
    silent: bool = False  # what Asterisk was told last: its recording holds nothing
    needed_level: int = 0
    verdicts: tuple[str, ...] = ()  # as in the feed's CallOffered
    others: int = 0


@dataclass(slots=True)
class Party:
    """A second party: a colleague (`kind` agent), a dealer or a number. `number` is what is dialled.

    `ended` tells why there is nobody any more while the agent chooses what comes next: a word of acd.events.OfferResult
    or "gone".
    """

    leg: str
    kind: str
    name: str
    number: str
    by: str
    began_at: float
    channel: str = ""
    uniqueid: str = ""
    rang: bool = False
    answered_at: float = 0.0
    joined_at: float = 0.0  # talks with the customer too since then
    sip_code: int = 0
    ended: str = ""

    @property
    def is_agent(self) -> bool:
        return self.kind == "agent"


@dataclass(slots=True)
class Pause:
    """The talk with this customer is not recorded: from `since`, at the latest until `until`.

    It belongs to the talk, not to a leg: who gets the customer from this agent begins in silence. `leg` is the one for
    which Asterisk has confirmed it; "" = none yet.
    """

    since: float
    until: float
    by: str
    why: str
    leg: str = ""


@dataclass(slots=True)
class Contact:
    """One call of one customer, in or out. `channel` is the one whose linkedid is the contact's id.

    For an outbound contact that is the agent's, until the customer's own leg (`customer_channel`, on the trunk) becomes
    the contact's, because the agent asks somebody or gives the call away. `owner` is the uniqueid of that one then.
    """

    call: str
    direction: Direction
    channel: str
    caller: str
    entry: str
    phase: Phase
    started_at: float = 0.0
    told: bool = False  # ContactStarted is in the feed
    agent: str = ""
    customer_id: int | None = None
    customer_channel: str = ""
    customer_uniqueid: str = ""
    answered_at: float = 0.0
    queue: str = ""
    queued_at: float = 0.0
    in_queue: bool = False
    priority: int = 0
    last_agent: str = ""
    affinity: tuple[str, ...] = ()  # tags of agents who know the caller's dealer or region
    lost_at: float = 0.0  # since when the caller waits for an agent whose phone went away in the talk; 0 = does not
    topic: str = ""
    language: str = ""
    menu_path: tuple[str, ...] = ()
    matches: tuple[int, ...] = ()
    served: bool = True  # the number dialled is one of ours
    result: Outcome | None = None  # what the menu said of a call that it ended
    leg_ids: set[str] = field(default_factory=set)
    ended_legs: set[str] = field(default_factory=set)
    seen_until: float = 0.0  # the newest fact that was told of it
    leg: Leg | None = None
    talked: bool = False
    ended_talk: EndedBy | None = None
    customer_hung_up: bool = False
    voicemail: bool = False
    choosing: bool = False  # is asked about a way out of the queue: an announcement would cut the question
    announced: int = 0  # how often the place was told, and comfort given
    comforted: int = 0
    menu_file: str = ""  # the recording of the menu, which begins when the call is answered
    unclaimed_file: str = ""  # recorded on a leg that we did not make
    owner: str = ""
    consult: Party | None = None
    slot: str = ""  # parked there
    parked_at: float = 0.0
    parked_by: str = ""
    attempt: Attempt | None = None  # a campaign's call; `attempt.connected` = an agent has talked
    pause: Pause | None = None
    moved_at: float = 0.0  # when we last had the customer led elsewhere: a picture of that moment may be older

    @property
    def is_inbound(self) -> bool:
        return self.direction is Direction.INBOUND

    @property
    def own(self) -> str:
        """The uniqueid of the channel whose end is the contact's end."""
        return self.owner or self.call

    @property
    def customer_owns(self) -> bool:
        """The customer's channel runs our dialplan, and agents are called from it."""
        return self.is_inbound or bool(self.owner)

    @property
    def counts_as_caller(self) -> bool:
        """Whether a stay in a queue is one of a caller: not of a customer whom a campaign has just reached."""
        return self.attempt is None or self.attempt.connected

    def next_leg(self) -> str:
        """Ids of legs are never used twice."""
        return f"{self.call}-{len(self.leg_ids) + 1}"


def cleaned_number(text: str) -> str:
    """Digits and a leading plus of what the network said, at most 20 characters; "" if there is no number in it."""
    plus = "+" if text.startswith("+") else ""
    digits = "".join(sign for sign in text if sign in "0123456789")
    return (plus + digits)[:20] if digits else ""
