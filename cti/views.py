"""What a page may see of telephony at one moment: an agent's desk, the whole floor, a telephone account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAccount:
    """What the browser phone registers with; made per session, valid until `expires_at`."""

    user: str
    secret: str
    domain: str
    websocket_url: str
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """The call an agent has now. `phase`: ringing, dialling, talking or hold."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    call: str
    queue: str
    since: float
    caller: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorView:
    """Everybody and everything at one feed number; what a wallboard or a supervisor starts from."""

    number: int
    at: float
    connected: bool
    agents: tuple[DeskView, ...]
    waiting: tuple[WaitingView, ...]
