"""Preview: an agent reads the next customer's record first, then dials, skips with a reason or puts it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.model import User
from crm_core.campaigns.claiming import may_dial
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.rules import DIALLING
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Verdict
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.vehicles.model import Vehicle
from crm_core.workforce.model import AgentSkill, QueueRow

SPREAD = 10
"""Agents take different ones of the first so many, so that two seldom read the same record."""
LATEST = timedelta(days=90)
SKIPPED = "Skipped by {by}: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """`verdict` is the gate's word at this moment; `last` the attempt before, None = the first. `waiting` in all."""

    entry: CampaignEntry
    campaign: Campaign
    customer: Customer
    dealer: str
    vehicle: Vehicle | None
    last: CampaignAttempt | None
    verdict: Verdict


async def next_for(session: AsyncSession, agent: str, *, at: datetime, zone: tzinfo) -> Next | None:
    """The next one due in a preview campaign whose queue this agent serves; None = nobody, or outside the hours."""
    found = (await session.execute(_due(agent, at).limit(SPREAD))).all()
    allowed = {row.id: await may_dial(session, row, at, zone) for row in {campaign for _, campaign in found}}
    open_now = [(entry, row) for entry, row in found if allowed[row.id]]
    if not open_now:
        return None
    entry, row = open_now[(int(agent) if agent.isdecimal() else 0) % len(open_now)]
    last = select(CampaignAttempt).where(CampaignAttempt.entry_id == entry.id).order_by(CampaignAttempt.number.desc())
    dealer = await session.get(Dealer, entry.dealer_id) if entry.dealer_id else None
    return Next(
        entry=entry,
        campaign=row,
        customer=await session.get_one(Customer, entry.customer_id),
        dealer=dealer.short_name if dealer else "",
        vehicle=await session.get(Vehicle, entry.vehicle_id) if entry.vehicle_id else None,
        last=await session.scalar(last.limit(1)),
        verdict=await may_contact(
            session, entry.customer_id, Purpose(row.purpose), Channel.PHONE, at=at, zone=zone, e164=entry.e164
        ),
    )


async def entry_for(
    session: AsyncSession, agent: str, entry_id: int, *, at: datetime
) -> tuple[CampaignEntry, Campaign]:
    """Raises NotFound for an entry of a queue that is not this agent's, Refused for one that is taken."""
    mine = select(CampaignEntry, Campaign).join(Campaign, Campaign.id == CampaignEntry.campaign_id)
    row = (
        await session.execute(mine.where(CampaignEntry.id == entry_id, Campaign.id.in_(_served(agent))))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such entry on this list.")
    entry, campaign = row
    await session.refresh(entry, with_for_update=True)
    if entry.state != "waiting" or entry.due_at > at:
        raise Refused("A colleague took this customer. Take the next one.")
    return entry, campaign


async def skip(session: AsyncSession, entry_id: int, why: str, *, actor: str, at: datetime) -> None:
    """Not called any more; the list can bring it back. Raises Invalid without a reason."""
    words = " ".join(storable(why, 200).split())
    if not words:
        raise Invalid("Write the reason.", field="why")
    entry, campaign = await entry_for(session, actor, entry_id, at=at)
    entry.state, entry.ended_at = "removed", at
    entry.reason, entry.reason_values = SKIPPED, {"by": actor, "why": words}
    await _noted(session, entry, campaign, "campaign_entry_skipped", actor=actor, at=at)


async def put_off(session: AsyncSession, entry_id: int, until: datetime | None, *, actor: str, at: datetime) -> None:
    """Comes again at that time. Raises Invalid for one that is past or too far away."""
    if until is None or not at < until <= at + LATEST:
        raise Invalid("Choose when to call again, within the next {days} days.", days=LATEST.days, field="until")
    entry, campaign = await entry_for(session, actor, entry_id, at=at)
    entry.due_at = until
    await _noted(session, entry, campaign, "campaign_entry_put_off", actor=actor, at=at)


def _due(agent: str, at: datetime) -> Select[CampaignEntry, Campaign]:
    return (
        select(CampaignEntry, Campaign)
        .join(Campaign, Campaign.id == CampaignEntry.campaign_id)
        .where(
            Campaign.id.in_(_served(agent)),
            CampaignEntry.state == "waiting",
            CampaignEntry.due_at <= at,
            or_(Campaign.status == "running", CampaignEntry.sample.is_(True)),
        )
        .order_by(CampaignEntry.due_at, CampaignEntry.id)
    )


def _served(agent: str) -> Select[int]:
    return (
        select(Campaign.id)
        .join(QueueRow, QueueRow.id == Campaign.queue)
        .join(AgentSkill, AgentSkill.skill == QueueRow.skill)
        .join(User, User.id == AgentSkill.user_id)
        .where(Campaign.mode == "preview", Campaign.status.in_(DIALLING), User.number == agent, AgentSkill.level > 0)
    )


async def _noted(
    session: AsyncSession, entry: CampaignEntry, row: Campaign, action: str, *, actor: str, at: datetime
) -> None:
    detail = noting(entry=entry.id, customer=entry.customer_id)
    await audit(session, at=at, actor=actor, action=action, subject=f"campaign/{row.id}", detail=detail)
