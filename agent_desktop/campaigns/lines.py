"""The list of campaigns, each with how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.campaigns.words import FILTERS
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.campaigns.rules import settings_from
from reports import campaign_answers
from reports import campaign_queries as queries
from reports.campaigns import LIVE
from reports.metrics import Ratio

MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLine:
    """`due_at` is when the next waiting customer may be called; None = nobody waits."""

    campaign: Campaign
    counts: queries.ListCounts
    live: int
    complete: int
    low: int
    drops: Ratio
    limit: float
    due_at: datetime | None

    @property
    def over(self) -> bool:
        """More were dropped than the limit allows; one always may be."""
        return self.drops.numerator > max(1, self.drops.denominator * self.limit / 100)

    @property
    def progress(self) -> float:
        return self.counts.over / self.counts.listed if self.counts.listed else 0.0


async def campaign_lines(session: AsyncSession, show: str, name: str, at: datetime) -> list[CampaignLine]:
    """Newest first; `show` is a key of words.FILTERS, `name` a part of the name."""
    statement = select(Campaign).order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(MOST_LINES)
    if FILTERS[show][1]:
        statement = statement.where(Campaign.status.in_(FILTERS[show][1]))
    if name:
        statement = statement.where(Campaign.name.contains(name, autoescape=True))
    rows = list(await session.scalars(statement))
    ids = [row.id for row in rows]
    counts, results = await queries.list_counts(session, ids), await queries.results(session, ids)
    drops, answers = await queries.drop_counts(session, ids, at), await campaign_answers.responses(session, ids)
    due = await _due(session, ids)
    none = campaign_answers.ResponseCounts()
    return [
        CampaignLine(
            campaign=row,
            counts=counts.get(row.id, queries.ListCounts()),
            live=sum(results.get(row.id, {}).get(word, 0) for word in LIVE),
            complete=answers.get(row.id, none).complete,
            low=answers.get(row.id, none).low,
            drops=Ratio(*drops.get(row.id, (0, 0))),
            limit=settings_from(row.settings).abandon_limit_percent,
            due_at=due.get(row.id) if row.status in ("running", "sample") else None,
        )
        for row in rows
    ]


async def _due(session: AsyncSession, campaigns: list[int]) -> dict[int, datetime]:
    rows = await session.execute(
        select(CampaignEntry.campaign_id, func.min(CampaignEntry.due_at))
        .where(CampaignEntry.campaign_id.in_(campaigns), CampaignEntry.state == "waiting")
        .group_by(CampaignEntry.campaign_id)
    )
    return {campaign: due for campaign, due in rows if due is not None}
