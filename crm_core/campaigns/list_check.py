"""Asking beforehand who on a list may be called, a thousand at a time and without a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignEntry, CampaignWork
from crm_core.campaigns.works import begin, count, free
from crm_core.consent.facts import special_days
from crm_core.consent.gate import may_contact_many
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import next_open
from crm_core.consent.settings import contact_rules

AT_ONCE = 1000
"""Each question of the gate is one query for all of them."""


async def check_list(session: AsyncSession, campaign_id: int, *, actor: str, at: datetime) -> CampaignWork:
    """Ask the gate for everybody who waits, without a trace: how many may be called, and why others may not."""
    row = await free(session, campaign_id)
    waiting = (CampaignEntry.campaign_id == row.id, CampaignEntry.state == "waiting")
    total = await session.scalar(select(func.count()).select_from(CampaignEntry).where(*waiting)) or 0
    return await begin(session, row, "check", actor=actor, at=at, total=total)


async def next_checks(session: AsyncSession, work: CampaignWork, row: Campaign, at: datetime, zone: tzinfo) -> bool:
    """One batch; True when it was the last. As of the next moment that is not quiet: that it is night now says nothing
    of the list."""
    rows = await session.execute(
        select(CampaignEntry.id, CampaignEntry.customer_id, CampaignEntry.e164)
        .where(CampaignEntry.campaign_id == row.id, CampaignEntry.state == "waiting", CampaignEntry.id > work.position)
        .order_by(CampaignEntry.id)
        .limit(AT_ONCE)
    )
    found = rows.all()
    rules = await contact_rules(session)
    then = next_open(rules, await special_days(session, at.date()), at, zone) or at
    counts: Counter[str] = Counter()
    for named in rounds((one.customer_id, one.e164) for one in found):
        told = await may_contact_many(session, named, Purpose(row.purpose), Channel.PHONE, at=then, zone=zone)
        counts.update(verdict.reason or "yes" for verdict in told.values())
    count(work, len(found), counts)
    work.position = found[-1].id if found else work.position
    return len(found) < AT_ONCE


def rounds(wanted: Iterable[tuple[int, str]]) -> list[dict[int, str]]:
    """The customers with their numbers; who is on the list for several causes comes once in each round."""
    made: list[dict[int, str]] = [{}]
    for customer, e164 in wanted:
        place = next((one for one in made if customer not in one), None)
        if place is None:
            made.append(place := {})
        place[customer] = e164
    return made
