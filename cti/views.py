"""What a page may see of telephony at one moment: an agent's desk, the whole floor, a telephone account."""

from __future__ import annotations

from dataclasses import dataclass

from cti.ice import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAccount:
    """What the browser phone registers with, at each Asterisk; made per session, valid until `expires_at`.

    Of `websocket_urls` a path is on the page's own origin. `ice_servers` are for RTCPeerConnection.
    """

    user: str
    secret: str
    domain: str
    websocket_urls: tuple[str, ...]
    expires_at: float
    ice_servers: tuple[Server, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a call may go. `kind`: agent (number), queue (id), dealer (id) or number (as typed)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """The second party of a consult or conference. `phase`: ringing, talking (the customer hears music), conference.

    Or ended: not reached, or gone again, and the agent chooses what comes next; `result` tells why: busy, declined,
    no_answer, unreachable or gone. `name` is what was dialled: an agent's number, a dealer's id, digits; on the desk
    of a colleague who is asked it is who asks.
    """

    kind: str
    name: str
    leg: str
    phase: str
    since: float
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedView:
    call: str
    slot: str
    agent: str  # who parked it
    caller: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackView:
    """A place kept for somebody who hung up. `due` 0 = as soon as its turn comes; `position` 0 = not in line now.

    `attempts` counts the tries in which the customer was dialled; `matches` are the customers of the number.
    """

    callback: str
    call: str
    number: str
    queue: str
    since: float
    attempts: int
    due: float
    position: int
    matches: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionView:
    """Who is listened to, by whom. `mode`: listen, whisper, barge, or take for a take-over that is under way.

    `connected` = the supervisor's phone is in.
    """

    supervisor: str
    agent: str
    call: str
    mode: str
    connected: bool
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """What the agent sees of the call's recording. `state`: "" (there is no talk yet), on, paused or missing.

    Paused since `since` by `by` (`why`: button, field or api), at the latest until `until`.
    """

    state: str = ""
    since: float = 0.0
    until: float = 0.0
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """The call an agent has now. `phase`: ringing, dialling, talking, hold, consulting or conference.

    While `consulting` the customer hears music since `hold_since`. `part`: owner = the agent's own call, consulted =
    a colleague asks this agent about a customer: then `phase` is ringing, talking (with the colleague) or conference.
    """

    call: str
    leg: str
    direction: str
    phase: str
    caller: str
    entry: str
    queue: str
    topic: str
    menu_path: tuple[str, ...]
    matches: tuple[int, ...]
    why: str
    started_at: float
    queued_at: float
    offered_at: float
    answered_at: float  # 0 = not yet
    hold_since: float  # 0 = not held
    party: PartyView | None = None
    part: str = "owner"
    recording: RecordingView = RecordingView()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """One agent's state and call, true at feed number `number`."""

    number: int
    agent: str
    state: str
    since: float
    reason: str
    wrap_up_until: float
    next_state: str
    next_reason: str
    missed: int
    reachable: bool
    call: CallView | None
    last_call: str  # the contact whose record is written in after-call work; "" = none
    supervising: str = ""  # the agent to whose talk this person's phone listens, or is about to


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    call: str
    queue: str
    since: float
    caller: str
    priority: int
    topic: str = ""
    matches: tuple[int, ...] = ()
    position: int = 0  # 0 = a phone rings
    offered_to: str = ""
    reserved_for: str = ""
    why: str = ""  # what the caller waits for: see acd.verdicts.waits_for
    expected_wait: float | None = None  # seconds from now


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorView:
    """Everybody and everything at one feed number; what a wallboard or a supervisor starts from."""

    number: int
    at: float
    connected: bool
    agents: tuple[DeskView, ...]
    waiting: tuple[WaitingView, ...]
    parked: tuple[ParkedView, ...] = ()
    callbacks: tuple[CallbackView, ...] = ()
    supervised: tuple[SupervisionView, ...] = ()
    asterisks: int = 1
    asterisks_away: tuple[int, ...] = ()  # which of several, 1 = the first; `connected` = not all of them
    proxy_away: bool = False  # Kamailio, which deals the calls to several, does not: no new call comes in
    recordings_full: float = 0.0  # no new recording begins: so many per cent of the volume are used; 0 = they do
    trunks_away: tuple[str, ...] = ()  # names of trunks that do not answer, or refuse our login
