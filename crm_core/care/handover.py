"""Customers of a campaign whom their dealers call instead: given as care tasks, taken back, results brought home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.campaigns.actions import campaign
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.dealers.model import CareTask, Dealer
from crm_core.errors import Invalid, Refused

HANDED = "handed"
"""State of an entry that a dealer works, and kind of the dealer's task."""
MOST_AT_ONCE = 500
LONGEST = timedelta(days=90)
TAKEN_BACK = "taken_back"
DOES_NOT_WANT = "The dealer was told: the customer does not want this call."
NOT_REACHED_BY_DEALER = "The dealer did not reach the customer."
LEFT_BY_DEALER = "The dealer left it."
_ENDS: Mapping[str, tuple[str, str]] = {
    "does_not_want": ("refused", DOES_NOT_WANT),
    "not_reached": ("exhausted", NOT_REACHED_BY_DEALER),
    "wrong_number": ("exhausted", NOT_REACHED_BY_DEALER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerShare:
    """One dealer's part of a campaign's list. `waiting` could be handed over; the rest was."""

    dealer_id: int
    dealer: str
    waiting: int = 0
    handed: int = 0
    done: int = 0
    refused: int = 0
    not_reached: int = 0


async def hand_over(
    session: AsyncSession,
    campaign_id: int,
    *,
    dealer_id: int | None = None,
    due_on: date | None,
    zone: tzinfo,
    actor: str,
    at: datetime,
) -> int:
    """The next customers who wait and have a dealer become tasks of their dealers; gives how many, at most 500.

    Nobody of them is dialled any more. `dealer_id` None = of all dealers. Raises Invalid for a day that cannot be.
    """
    row = await campaign(session, campaign_id, lock=True)
    today = at.astimezone(zone).date()
    if due_on is None or not today <= due_on <= today + LONGEST:
        raise Invalid("Choose a day within the next {days} days.", days=LONGEST.days, field="due_on")
    if row.status == "ended":
        raise Refused("This campaign has ended. Make a new one from it.")
    waiting = select(CampaignEntry).where(
        CampaignEntry.campaign_id == campaign_id,
        CampaignEntry.state == "waiting",
        CampaignEntry.dealer_id == dealer_id if dealer_id is not None else CampaignEntry.dealer_id.is_not(None),
    )
    ordered = waiting.order_by(CampaignEntry.due_at, CampaignEntry.id).limit(MOST_AT_ONCE).with_for_update()
    entries = list(await session.scalars(ordered))
    known = await _tasks(session, [one.id for one in entries])
    for entry in entries:
        task = known.get(entry.id) or CareTask(kind=HANDED, subject=f"entry/{entry.id}", customer_id=entry.customer_id)
        task.purpose, task.entry_id, task.vehicle_id = row.purpose, entry.id, entry.vehicle_id
        task.dealer_id, task.due_on, task.status, task.reason = entry.dealer_id, due_on, "open", ""
        session.add(task)
        entry.state, entry.reason, entry.reason_values = HANDED, "", {}
    await _noted(session, row, "handed_over", len(entries), dealer_id, actor=actor, at=at)
    return len(entries)


async def take_back(
    session: AsyncSession, campaign_id: int, *, dealer_id: int | None = None, actor: str, at: datetime
) -> int:
    """What dealers did not do yet is the campaign's again; undoes `hand_over`. Gives how many, at most 500."""
    row = await campaign(session, campaign_id, lock=True)
    mine = (CampaignEntry.campaign_id == campaign_id, CampaignEntry.state == HANDED)
    found = select(CampaignEntry).where(*mine).order_by(CampaignEntry.id).limit(MOST_AT_ONCE).with_for_update()
    if dealer_id is not None:
        found = found.where(CampaignEntry.dealer_id == dealer_id)
    entries = list(await session.scalars(found))
    for task in (await _tasks(session, [one.id for one in entries])).values():
        task.status, task.reason = "withdrawn", TAKEN_BACK
    for entry in entries:
        entry.state, entry.due_at = "waiting", max(entry.due_at, at)
    await _noted(session, row, "taken_back", len(entries), dealer_id, actor=actor, at=at)
    return len(entries)


async def bring_home(session: AsyncSession, task: CareTask, *, at: datetime) -> None:
    """What became of the dealer's task becomes the entry's. A task of no campaign changes nothing."""
    entry = await session.get(CampaignEntry, task.entry_id, with_for_update=True) if task.entry_id else None
    if entry is None:
        return
    ends = {"done": ("done", ""), "skipped": _ENDS.get(task.reason, ("exhausted", LEFT_BY_DEALER))}
    entry.state, entry.reason = ends.get(task.status, (HANDED, ""))
    entry.reason_values, entry.result = {}, "by_dealer" if entry.state == "done" else entry.result
    entry.ended_at = None if entry.state == HANDED else at


async def shares(session: AsyncSession, campaign_id: int) -> list[DealerShare]:
    """Each dealer with customers on this list, those with most in hand first. Ends are the dealers' own only."""
    rows = await session.execute(
        select(CampaignEntry.dealer_id, Dealer.short_name, CampaignEntry.state, CareTask.id.is_not(None), func.count())
        .join(Dealer, Dealer.id == CampaignEntry.dealer_id)
        .outerjoin(CareTask, CareTask.entry_id == CampaignEntry.id)
        .where(CampaignEntry.campaign_id == campaign_id)
        .group_by(CampaignEntry.dealer_id, Dealer.short_name, CampaignEntry.state, CareTask.id.is_not(None))
    )
    found: dict[int, dict[str, int]] = {}
    names: dict[int, str] = {}
    for dealer_id, name, state, by_dealer, count in rows:
        if dealer_id is None:
            continue
        names[dealer_id] = name
        part = found.setdefault(dealer_id, {})
        word = {"exhausted": "not_reached"}.get(state, state)
        if word in ("waiting", HANDED) or (by_dealer and word in ("done", "refused", "not_reached")):
            part[word] = part.get(word, 0) + count
    made = [DealerShare(dealer_id=key, dealer=names[key], **part) for key, part in found.items()]
    return sorted(made, key=lambda one: (-one.handed, -one.waiting, one.dealer))


async def with_dealers(session: AsyncSession, campaign_id: int) -> dict[tuple[str, str], int]:
    """Tasks that this campaign handed to dealers, by status and the reason of a skip; what was taken back is out."""
    reason = case((CareTask.status == "skipped", CareTask.reason), else_="")
    rows = await session.execute(
        select(CareTask.status, reason, func.count())
        .join(CampaignEntry, CampaignEntry.id == CareTask.entry_id)
        .where(CampaignEntry.campaign_id == campaign_id, CareTask.kind == HANDED, CareTask.status != "withdrawn")
        .group_by(CareTask.status, reason)
    )
    return {(status, why): count for status, why, count in rows}


async def _tasks(session: AsyncSession, entry_ids: list[int]) -> dict[int, CareTask]:
    rows = await session.scalars(select(CareTask).where(CareTask.entry_id.in_(entry_ids)))
    return {one.entry_id: one for one in rows if one.entry_id is not None}


async def _noted(
    session: AsyncSession, row: Campaign, what: str, count: int, dealer_id: int | None, *, actor: str, at: datetime
) -> None:
    await session.flush()
    detail = noting(name=row.name, rows=count, dealer=dealer_id)
    await audit(session, at=at, actor=actor, action=f"campaign_{what}", subject=f"campaign/{row.id}", detail=detail)
