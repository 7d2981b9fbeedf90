"""Long work on a campaign's list: begun, counted and stopped; one at a time for each campaign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.campaigns.actions import campaign
from crm_core.campaigns.model import Campaign, CampaignWork
from crm_core.db import storable
from crm_core.errors import NotFound, Refused
from crm_core.jobs.actions import schedule

FILL = "campaign_list"
"""The kind of the jobs; their key is the work's number."""


async def free(session: AsyncSession, campaign_id: int) -> Campaign:
    """The campaign, when nothing works on its list. Raises NotFound, Refused."""
    row = await campaign(session, campaign_id, lock=True)
    if row.status == "ended":
        raise Refused("This campaign has ended. Make a new one from it.")
    running = select(CampaignWork.id).where(CampaignWork.campaign_id == row.id, CampaignWork.state == "running")
    if await session.scalar(running.limit(1)) is not None:
        raise Refused("The list is being worked on already. Wait until that is done.")
    return row


async def begin(
    session: AsyncSession,
    row: Campaign,
    kind: str,
    *,
    actor: str,
    at: datetime,
    source: int = 0,
    total: int = 0,
    told: str = "",
) -> CampaignWork:
    """`source` is what it is made from, `told` how the audit log names that."""
    work = CampaignWork(campaign_id=row.id, kind=kind, source=source, total=total, began_at=at, counts={}, failure="")
    work.by = storable(actor, 16)
    session.add(work)
    await session.flush()
    await schedule(session, FILL, str(work.id), at)
    subject = f"campaign/{row.id}"
    detail = noting(kind=kind, source=told)
    await audit(session, at=at, actor=actor, action="campaign_list_filled", subject=subject, detail=detail)
    return work


async def work_of(session: AsyncSession, campaign_id: int, work_id: int) -> CampaignWork:
    """Raises NotFound, also for a work of another campaign. Its next batch waits."""
    found = await session.get(CampaignWork, work_id, with_for_update=True)
    if found is None or found.campaign_id != campaign_id:
        raise NotFound("There is no such work on this list.")
    return found


async def stop(session: AsyncSession, campaign_id: int, work_id: int, *, actor: str, at: datetime) -> CampaignWork:
    """After the batch that is being done now; what was done stays and can be undone. Refused when it is over."""
    work = await work_of(session, campaign_id, work_id)
    if work.state != "running":
        raise Refused("This is done already.")
    work.state, work.ended_at = "stopped", at
    await session.flush()
    detail = noting(kind=work.kind, done=work.done)
    subject = f"campaign/{campaign_id}"
    await audit(session, at=at, actor=actor, action="campaign_list_stopped", subject=subject, detail=detail)
    return work


def count(work: CampaignWork, done: int, counts: Mapping[str, int]) -> None:
    work.done += done
    work.total = max(work.total, work.done)
    names = work.counts.keys() | counts.keys()
    work.counts = {name: work.counts.get(name, 0) + counts.get(name, 0) for name in sorted(names)}
