"""What the pages ask of telephony. `cti.desk` answers; the pages know nothing else of the telephone.

Every refusal is a crm_core.errors.PlatformError. Times are seconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from crm_core.history.events import FeedRecord
from cti.views import CallView, DeskView, FloorView, PhoneAccount, WaitingView

__all__ = [
    "CallView",
    "DeskView",
    "FeedSubscription",
    "FloorView",
    "PhoneAccount",
    "Telephony",
    "WaitingView",
]


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
