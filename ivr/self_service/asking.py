"""What every operation is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.self_service.acts import Proven
from crm_core.self_service.callers import customer_of
from ivr.operations import Answer, Asker


class CallbackBook(Protocol):
    """Books a call back for a caller in the menu. `cti.callbacks.Callbacks` does it."""

    async def book_from_menu(self, call: str, number: str) -> bool:
        """Whether the number may be called and the place is on record."""
        ...


class NoCallbacks:
    """A site, or a test, without telephony: every wish is refused."""

    async def book_from_menu(self, call: str, number: str) -> bool:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuSite:
    """`base_url` is where callers' phones find the platform, without a slash at its end; "" = links are not sent.

    `has_prompt(name, language)` tells whether a prompt made of the records is there.
    """

    zone: tzinfo
    name: str
    base_url: str
    has_prompt: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One operation for one caller. `e164` is the caller's own number, "" = hidden. `proven` None = not identified."""

    session: AsyncSession
    site: MenuSite
    asker: Asker
    e164: str
    facts: Mapping[str, str]
    at: datetime
    proven: Proven | None
    callbacks: CallbackBook

    def fact(self, name: str) -> str:
        return self.facts.get(name, "").strip()

    async def customer(self) -> int | None:
        """Proven, or the only one with this number."""
        return await customer_of(self.session, self.asker.call, self.e164)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The answer, and what the act is about."""

    result: str
    facts: Mapping[str, str] = field(default_factory=dict)
    customer_id: int | None = None
    vehicle_id: int | None = None
    case_id: int | None = None

    @property
    def answer(self) -> Answer:
        return Answer(result=self.result, facts=dict(self.facts))
