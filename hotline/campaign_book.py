"""The dialer's side of the database: `cti.campaign_ports.AttemptBook` over crm_core.campaigns."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, tzinfo

from acd.dialer import Mode, PacingRules, PastAnswer
from crm_core.campaigns import claiming, settling
from crm_core.campaigns.claiming import Claimed, Site
from crm_core.campaigns.model import Campaign
from crm_core.campaigns.queries import campaigns, live_answers
from crm_core.campaigns.rules import DIALLING, Settings, settings_from
from crm_core.clock import instant
from crm_core.db import Database
from crm_core.errors import PlatformError
from cti.campaign_ports import CampaignPlan, DialOrder, OpenAttempt
from cti.dial_gate import CAMPAIGN

BY_ITSELF = {"progressive": Mode.PROGRESSIVE, "predictive": Mode.PREDICTIVE, "voice": Mode.VOICE}
"""Modes in which the loop dials; in a preview an agent says when."""
MOST_LOOKS = 25
"""Batches of entries that one claim looks through for somebody who may be called."""


class DatabaseAttempts:
    """Each claim is a transaction of its own, committed when the orders are given.

    `dialable` gives the digits of a number that a campaign ("campaign/7") wishes to call, or refuses.
    """

    def __init__(self, database: Database, zone: tzinfo, dialable: Callable[[str, str], str]) -> None:
        self._database, self._zone, self._dialable = database, zone, dialable

    def _site(self, campaign: int) -> Site:
        def may_be_dialled(number: str) -> bool:
            try:
                return self._dialable(f"{CAMPAIGN}{campaign}", number) == number.removeprefix("+")
            except PlatformError:
                return False

        return Site(zone=self._zone, dialable=may_be_dialled)

    async def plans(self, *, at: datetime) -> list[CampaignPlan]:
        async with self._database.begin() as session:
            found = []
            for row in reversed(await campaigns(session, statuses=DIALLING)):
                if row.mode in BY_ITSELF and await claiming.may_dial(session, row, at, self._zone):
                    found.append(_plan(row))
            return found

    async def past_answers(self, campaign: int, *, at: datetime) -> list[PastAnswer]:
        async with self._database.begin() as session:
            answers = await live_answers(session, campaign, at)
        return [PastAnswer(instant(answered), dropped) for answered, dropped in answers]

    async def claim(self, campaign: int, most: int, *, at: datetime) -> list[DialOrder]:
        for _ in range(MOST_LOOKS):
            async with self._database.begin() as session:
                claimed, more = await claiming.claim(session, campaign, most, at=at, site=self._site(campaign))
            if claimed or not more:
                return [order_of(one) for one in claimed]
        return []

    async def claim_entry(self, campaign: int, entry: int, agent: str, *, at: datetime) -> DialOrder | None:
        async with self._database.begin() as session:
            claimed = await claiming.claim_entry(
                session, campaign, entry, agent=agent, at=at, site=self._site(campaign)
            )
        return order_of(claimed) if claimed is not None else None

    async def open_attempts(self) -> list[OpenAttempt]:
        async with self._database.begin() as session:
            rows = await settling.open_attempts(session)
        return [OpenAttempt(call=row.call, campaign=row.campaign_id, placed_at=row.placed_at) for row in rows]

    async def unsettled(self, calls: Collection[str], *, at: datetime) -> None:
        async with self._database.begin() as session:
            await settling.leave_unsettled(session, calls, at=at)


def order_of(claimed: Claimed) -> DialOrder:
    """What the line is told; an agent's own call has no queue."""
    row, settings = claimed.campaign, claimed.settings
    return DialOrder(
        call=claimed.call,
        campaign=row.id,
        entry=claimed.entry_id,
        digits=claimed.e164.removeprefix("+"),
        customer_id=claimed.customer_id,
        language=claimed.language,
        ring_seconds=settings.ring_seconds,
        queue=row.queue,
        agent=claimed.agent,
        questionnaire=row.questionnaire_id or 0,
        version=claimed.version,
        detect_machines=settings.detect_machines and not claimed.agent,
        detection=settings.detection,
    )


def _plan(row: Campaign) -> CampaignPlan:
    settings = settings_from(row.settings)
    return CampaignPlan(campaign=row.id, queue=row.queue, rules=_rules(row.mode, settings))


def _rules(mode: str, settings: Settings) -> PacingRules:
    return PacingRules(
        mode=BY_ITSELF[mode],
        most_lines=settings.most_lines,
        abandon_limit_percent=settings.abandon_limit_percent,
        most_lines_per_agent=settings.lines_per_agent,
        ring_seconds=settings.ring_seconds,
    )
