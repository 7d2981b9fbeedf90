"""Taking back a whole fill of a list: everybody it added who was not called yet leaves the list again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignEntry, CampaignWork
from crm_core.campaigns.works import begin, count, free, work_of
from crm_core.errors import Refused

FILLS = ("segment", "import")
AT_ONCE = 1000
NOT_CALLED = ("waiting", "refused", "removed")


async def undo_fill(session: AsyncSession, campaign_id: int, work_id: int, *, actor: str, at: datetime) -> CampaignWork:
    """Batch by batch, as it was filled. Refused while the list is worked on, and a second time."""
    row = await free(session, campaign_id)
    work = await work_of(session, campaign_id, work_id)
    again = select(CampaignWork.id).where(CampaignWork.campaign_id == row.id, CampaignWork.kind == "undo")
    if work.kind not in FILLS or await session.scalar(again.where(CampaignWork.source == work.id)) is not None:
        raise Refused("This was taken back already.")
    total = work.counts.get("added", 0)
    return await begin(session, row, "undo", actor=actor, at=at, source=work.id, total=total, told=work.kind)


async def next_undone(session: AsyncSession, work: CampaignWork) -> bool:
    """One batch; True when it was the last. Who was called, or is being called, stays."""
    rows = await session.execute(
        select(CampaignEntry.id, CampaignEntry.state, CampaignEntry.attempts)
        .where(
            CampaignEntry.campaign_id == work.campaign_id,
            CampaignEntry.id > work.position,
            CampaignEntry.work_id == work.source,
        )
        .order_by(CampaignEntry.id)
        .limit(AT_ONCE)
        .with_for_update()
    )
    found = rows.all()
    gone = [row.id for row in found if not row.attempts and row.state in NOT_CALLED]
    if gone:
        await session.execute(delete(CampaignEntry).where(CampaignEntry.id.in_(gone)))
    count(work, len(found), {"taken_back": len(gone), "called": len(found) - len(gone)})
    work.position = found[-1].id if found else work.position
    return len(found) < AT_ONCE
