"""Where the dialer meets the database and the telephone line. `cti.dialing` goes between the two and owns neither.

Order of one attempt: `AttemptBook.claim` commits its row (and asks the gate at this moment), then `CampaignLine.place`
has Asterisk call. What becomes of it comes as records of history.campaign_events in the feed; the history's writer
brings them into the row exactly once. After a crash each open attempt is settled: by the live list, by CEL, or as
unsettled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from acd.dialer import PacingFigures, PacingRules, PastAnswer
from crm_core.campaigns.detection import MEASURED
from crm_core.history.campaign_events import AttemptEnded


def call_id(campaign: int, entry: int, attempt: int) -> str:
    """The ChannelId of an attempt, which is also its contact's id: at most 149 characters, Asterisk's limit."""
    return f"ob-{campaign}-{entry}-{attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOrder:
    """One call to place; its attempt's row is committed. `digits` is E.164 without plus.

    `queue` "" = no agent: the questionnaire is asked by machine. `agent` is set for a preview only: this person's
    phone is rung first. `detect_machines` costs about 2 s after the answer; `detection`: how it listens, see
    crm_core.campaigns.detection. `language`: zh-CN or en.
    """

    call: str
    campaign: int
    entry: int
    digits: str
    customer_id: int
    language: str
    ring_seconds: int
    queue: str = ""
    agent: str = ""
    questionnaire: int = 0
    version: int = 0
    detect_machines: bool = False
    detection: tuple[int, ...] = MEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttempt:
    """An attempt whose row has no result. `placed_at` is when the row was committed."""

    call: str
    campaign: int
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """A campaign that calls at this moment. `queue` "" = without agents."""

    campaign: int
    queue: str
    rules: PacingRules


class CampaignLine(Protocol):
    """Asterisk, or in tests of the dialer a line end that outlives it."""

    async def place(self, order: DialOrder) -> None:
        """Returns when the request is on its way; what follows comes by the feed. AsteriskUnreachable: not placed."""
        ...

    async def live(self) -> frozenset[str]:
        """The calls of campaigns that Asterisk has now. AsteriskUnreachable when it cannot be asked."""
        ...

    async def past(self, attempts: Collection[OpenAttempt]) -> Mapping[str, AttemptEnded]:
        """What Asterisk's event log tells of these, for those that it tells an end of; `not_placed` only when the log
        covers the time since the attempt and knows no such channel."""
        ...


class CampaignPaces(Protocol):
    """What a campaign's board asks of the dialer."""

    @property
    def calling(self) -> tuple[int, ...]:
        """The campaigns that have a pace now."""
        ...

    def pacing(self, campaign: int) -> PacingFigures | None:
        """At this moment; None while the campaign does not call."""
        ...


class PreviewCalls(Protocol):
    """What an agent's desk asks of the dialer."""

    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        """Call the customer whose record this agent looked at; False = not now, the entry tells why."""
        ...


class AttemptBook(Protocol):
    """The database's side; `hotline.campaign_book` over crm_core.campaigns."""

    async def plans(self, *, at: datetime) -> list[CampaignPlan]:
        """The campaigns that may call now, as they are saved, oldest first; a paused one is not among them."""
        ...

    async def past_answers(self, campaign: int, *, at: datetime) -> list[PastAnswer]:
        """The live answers of the rolling window, oldest first, for a pacer that begins anew."""
        ...

    async def claim(self, campaign: int, most: int, *, at: datetime) -> list[DialOrder]:
        """The next entries that are due and may be called at this moment, each with its attempt committed."""
        ...

    async def claim_entry(self, campaign: int, entry: int, agent: str, *, at: datetime) -> DialOrder | None:
        """This customer, for an agent who looked at the record first; None = not now."""
        ...

    async def open_attempts(self) -> list[OpenAttempt]: ...

    async def unsettled(self, calls: Collection[str], *, at: datetime) -> None:
        """Nobody knows what became of these: listed for a person, never dialled again by itself."""
        ...
