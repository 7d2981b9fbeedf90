"""Two records of one customer on a list for the same cause: after the merge one of the two stands, the other rests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.campaigns.model import CampaignEntry
from crm_core.customers.identity_model import CustomerMerge, MergeRow
from crm_core.rows import plain

MERGED = "The customer stands on this list under another record, which was merged with this one."
STANDS = ("dialling", "done", "unsettled", "handed", "exhausted", "removed", "waiting", "refused")
"""Which of two stands, the first of these: who was reached, or is on the line, is not called again. A refusal yields,
for the gate is asked anew at the moment of dialling."""


async def one_of_each_cause(session: AsyncSession, merge: CustomerMerge) -> None:
    """Before the rows of one become the other's. Attempts stay with their own entry; undoing the merge undoes this."""
    mine, others = aliased(CampaignEntry), aliased(CampaignEntry)
    same = select(mine, others).join(
        others, (others.campaign_id == mine.campaign_id) & (others.subject == mine.subject)
    )
    both = same.where(mine.customer_id == merge.keep_id, others.customer_id == merge.drop_id)
    notes = []
    for pair in (await session.execute(both)).all():
        _, rests = sorted(pair, key=lambda entry: STANDS.index(entry.state))
        after: dict[str, Any] = {"subject": f"{rests.subject[:27]}~{rests.id}"}
        if rests.state in ("waiting", "refused"):
            after |= {"state": "removed", "reason": MERGED}
        before = {name: getattr(rests, name) for name in after}
        for name, value in after.items():
            setattr(rests, name, value)
        notes.append(
            {
                "merge_id": merge.id,
                "of_table": CampaignEntry.__tablename__,
                "key": {"id": rests.id},
                "before": plain(before),
                "after": plain(after),
            }
        )
    if notes:
        await session.flush()
        await session.execute(insert(MergeRow), notes)
