"""What the pages ask of telephony. `cti.desk` answers; the pages know nothing else of the telephone.

Every refusal is a crm_core.errors.PlatformError. Times are seconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from crm_core.history.events import FeedRecord


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


class FeedSubscription(Protocol):
    """Records in order, none missing; a reader too slow to follow is closed and must start again."""

    def __aiter__(self) -> AsyncIterator[FeedRecord]: ...


class Telephony(Protocol):
    async def sign_in(self, agent: str, *, ready: bool) -> None: ...
    async def sign_out(self, agent: str) -> None: ...
    async def go_ready(self, agent: str) -> None: ...
    async def take_break(self, agent: str, reason: str) -> None: ...
    async def plan_next(self, agent: str, state: str, reason: str = "") -> None: ...
    async def extend_wrap_up(self, agent: str) -> None: ...
    async def dial(self, agent: str, number: str, customer_id: int | None = None) -> str:
        """Ring the agent's own phone, then the customer; gives the contact's id.

        The desk's call is in phase "dialling" before the phone rings, so the page answers that INVITE by itself.
        """
        ...

    async def hang_up(self, agent: str) -> None: ...
    async def phone_account(self, agent: str, session: str) -> PhoneAccount:
        """A new SIP secret for this session; the one before stops working."""
        ...

    async def revoke_phone(self, agent: str) -> None:
        """End the registration and the secret within 5 s; a running call is hung up."""
        ...

    async def visitor_account(self) -> PhoneAccount:
        """An account for the customer-phone page; it can dial the hotline's numbers and nothing else."""
        ...

    async def workforce_changed(self) -> None:
        """Queues, agents or skills were edited: render, reload, tell the engine; no call is dropped."""
        ...

    def desk(self, agent: str) -> DeskView: ...
    def floor(self) -> FloorView: ...
    def follow(self) -> AbstractAsyncContextManager[FeedSubscription]: ...
