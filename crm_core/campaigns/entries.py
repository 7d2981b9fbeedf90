"""One customer on a campaign's list: added by hand or by a care rule, taken off, brought back, settled by a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.campaigns.actions import campaign
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.phone import to_e164
from crm_core.segments.upsert import insert_new

OPEN = ("waiting", "dialling", "unsettled")
REMOVED = "Taken off the list by {by}."
MOST_IN_SAMPLE = 200


async def add_entry(
    session: AsyncSession,
    campaign_id: int,
    customer_id: int,
    *,
    at: datetime,
    subject: str = "",
    due_at: datetime | None = None,
    vehicle_id: int | None = None,
    number: str = "",
) -> CampaignEntry:
    """Put a customer on the list, once for each `subject`; one that is there stays as it is and is given back.

    `due_at` is when the first call may be made, None = at once. `number` "" = the customer's best one. Raises NotFound,
    Invalid for a number that is none, Refused for an ended campaign.
    """
    row = await campaign(session, campaign_id)
    if row.status == "ended":
        raise Refused("This campaign has ended. Make a new one from it.")
    e164 = to_e164(number) if number else ""
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=number[:20], field="number")
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise NotFound("There is no such customer.")
    values = entry_values(row, customer, at=at, subject=subject, due_at=due_at, e164=e164, vehicle_id=vehicle_id)
    await insert_new(session, CampaignEntry, [values])
    found = select(CampaignEntry).where(
        CampaignEntry.campaign_id == campaign_id,
        CampaignEntry.customer_id == customer_id,
        CampaignEntry.subject == values["subject"],
    )
    return (await session.scalars(found)).one()


def entry_values(
    row: Campaign,
    customer: Customer,
    *,
    at: datetime,
    subject: str = "",
    due_at: datetime | None = None,
    e164: str = "",
    vehicle_id: int | None = None,
) -> dict[str, Any]:
    """A new entry's columns; whose name the call uses is taken from the customer."""
    names = {"sales_consultant": customer.sales_consultant, "service_adviser": customer.service_adviser}
    return {
        "campaign_id": row.id,
        "customer_id": customer.id,
        "subject": storable(subject, 40),
        "vehicle_id": vehicle_id,
        "dealer_id": customer.dealer_id,
        "in_name_of": names.get(row.in_name_of, ""),
        "e164": e164,
        "state": "waiting",
        "reason": "",
        "reason_values": {},
        "due_at": due_at or at,
        "attempts": 0,
        "result": "",
        "sample": False,
        "added_at": at,
    }


async def entry_of(session: AsyncSession, campaign_id: int, entry_id: int) -> CampaignEntry:
    """Raises NotFound, also for an entry of another campaign. Others who change or dial it wait."""
    found = await session.get(CampaignEntry, entry_id, with_for_update=True)
    if found is None or found.campaign_id != campaign_id:
        raise NotFound("There is no such entry on this list.")
    return found


async def remove_entry(
    session: AsyncSession, campaign_id: int, entry_id: int, *, actor: str, at: datetime
) -> CampaignEntry:
    """Not called any more; `bring_back` undoes it. Refused while the customer is being called."""
    row = await entry_of(session, campaign_id, entry_id)
    if row.state == "dialling":
        raise Refused("The customer is being called right now.")
    row.state, row.ended_at = "removed", at
    row.reason, row.reason_values = REMOVED, {"by": actor}
    await _noted(session, row, "campaign_entry_removed", actor=actor, at=at)
    return row


async def bring_back(
    session: AsyncSession, campaign_id: int, entry_id: int, *, actor: str, at: datetime
) -> CampaignEntry:
    """Undoes the removal, and lets a refused one be asked for again. Refused for one that was called to its end."""
    row = await entry_of(session, campaign_id, entry_id)
    if row.state not in ("removed", "refused"):
        raise Refused("This entry cannot be brought back.")
    open_one = select(CampaignAttempt.id).where(
        CampaignAttempt.entry_id == row.id, CampaignAttempt.result == "unsettled"
    )
    unsettled = await session.scalar(open_one.where(CampaignAttempt.settled_by == ""))
    row.state = "unsettled" if unsettled is not None else "waiting"
    row.ended_at, row.due_at = None, max(row.due_at, at)
    row.reason, row.reason_values = "", {}
    await _noted(session, row, "campaign_entry_back", actor=actor, at=at)
    return row


SETTLEMENTS: Mapping[str, str] = {"reached": "done", "again": "waiting", "leave": "exhausted"}


async def settle(
    session: AsyncSession, campaign_id: int, entry_id: int, how: str, *, actor: str, at: datetime
) -> CampaignEntry:
    """A person decides about an attempt of which nobody knows the end: reached, again (call once more) or leave."""
    if how not in SETTLEMENTS:
        raise Invalid("Choose from the list.", field="how")
    row = await entry_of(session, campaign_id, entry_id)
    if row.state != "unsettled":
        raise Refused("A colleague settled this already.")
    row.state, row.reason, row.reason_values = SETTLEMENTS[how], "", {}
    row.due_at, row.ended_at = max(row.due_at, at), None if how == "again" else at
    unsettled = (CampaignAttempt.entry_id == row.id, CampaignAttempt.result == "unsettled")
    # The attempt stays what it was: who decided is kept beside it.
    await session.execute(update(CampaignAttempt).where(*unsettled).values(settled_by=storable(actor, 16)))
    await _noted(session, row, "campaign_entry_settled", actor=actor, at=at, how=how)
    return row


async def choose_sample(session: AsyncSession, campaign_id: int, count: int, *, actor: str, at: datetime) -> int:
    """Mark so many waiting entries, spread over the list, as the sample; the earlier choice is dropped."""
    if not 1 <= count <= MOST_IN_SAMPLE:
        raise Invalid("Enter a number from {low} to {high}.", low=1, high=MOST_IN_SAMPLE, field="count")
    await campaign(session, campaign_id)
    mine = CampaignEntry.campaign_id == campaign_id
    await session.execute(update(CampaignEntry).where(mine, CampaignEntry.sample.is_(True)).values(sample=False))
    chosen = await _spread(session, campaign_id, count)
    await session.execute(update(CampaignEntry).where(CampaignEntry.id.in_(chosen)).values(sample=True))
    subject = f"campaign/{campaign_id}"
    await audit(session, at=at, actor=actor, action="campaign_sampled", subject=subject, detail=str(len(chosen)))
    return len(chosen)


async def _spread(session: AsyncSession, campaign_id: int, count: int) -> list[int]:
    """Ids at even distances in the order of the list, without reading all of it."""
    waiting = (CampaignEntry.campaign_id == campaign_id, CampaignEntry.state == "waiting")
    bounds = select(func.min(CampaignEntry.id), func.max(CampaignEntry.id)).where(*waiting)
    low, high = (await session.execute(bounds)).one()
    if low is None:
        return []
    chosen: list[int] = []
    last = low - 1
    for place in range(count):
        start = max(last + 1, low + (high - low) * place // count)
        after = select(func.min(CampaignEntry.id)).where(*waiting, CampaignEntry.id >= start)
        found = await session.scalar(after)
        if found is None:
            break
        chosen.append(found)
        last = found
    return chosen


async def _noted(
    session: AsyncSession, row: CampaignEntry, action: str, *, actor: str, at: datetime, **facts: object
) -> None:
    await session.flush()
    detail = noting(entry=row.id, customer=row.customer_id, **facts)
    await audit(session, at=at, actor=actor, action=action, subject=f"campaign/{row.campaign_id}", detail=detail)
