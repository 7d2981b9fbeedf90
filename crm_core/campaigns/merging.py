"""Two records of one customer on a list for the same cause: after the merge one of the two stands, the other rests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.campaigns.model import CampaignEntry
from crm_core.campaigns.results import MERGED, rest_mark
from crm_core.customers.identity_model import CustomerMerge, MergeRow
from crm_core.rows import plain

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
        stands, rests = sorted(pair, key=_rank)
        after: dict[str, Any] = {"subject": f"{rests.subject[:27]}{rest_mark(rests.id)}"}
        if rests.state in ("waiting", "refused"):
            after |= {"state": "removed", "reason": MERGED}
        if stands.state == rests.state == "waiting" and rests.due_at > stands.due_at:
            # Two values, for an undoing compares one alone as text.
            notes.append(_changed(merge, stands, {"due_at": rests.due_at, "reason": stands.reason}))
        notes.append(_changed(merge, rests, after))
    if notes:
        await session.flush()
        await session.execute(insert(MergeRow), notes)


def _rank(entry: CampaignEntry) -> tuple[int, int]:
    """Of two who wait the one that was called more often: its calls count, and so does the rest after them."""
    return STANDS.index(entry.state), -entry.attempts


def _changed(merge: CustomerMerge, entry: CampaignEntry, after: dict[str, Any]) -> dict[str, Any]:
    """Changes the entry; gives the note by which the change is taken back."""
    before = {name: getattr(entry, name) for name in after}
    for name, value in after.items():
        setattr(entry, name, value)
    key, table = {"id": entry.id}, CampaignEntry.__tablename__
    return {"merge_id": merge.id, "of_table": table, "key": key, "before": plain(before), "after": plain(after)}
