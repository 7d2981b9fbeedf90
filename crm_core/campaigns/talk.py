"""What an agent does in a campaign's call: the facts beside it, a disposition, what is learnt of the customer.

Everything is saved as it is written; who asks to be called again is called at that time, whenever the call ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.projection import CALL_LATER, WAS_MACHINE, agree_on_time
from crm_core.campaigns.results import ANSWERED
from crm_core.campaigns.rules import Settings, settings_from
from crm_core.campaigns.settling import opt_out
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.leads.capturing import capture, mention, open_lead_of
from crm_core.leads.words import Source
from crm_core.vehicles.model import Vehicle

LATEST = timedelta(days=90)
MOST_KM = 2_000_000
NO_MORE_CALLS = "no_more_calls"
WISH_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One call of a campaign with everything that stands beside it."""

    attempt: CampaignAttempt
    entry: CampaignEntry
    campaign: Campaign
    settings: Settings
    customer: Customer
    vehicle: Vehicle | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the agent wrote. `call_again` is needed for a disposition of calling later; `mileage_km` None = not told.

    `wish`, e.g. accessories (B-173), becomes a lead when `take_wish` is set; `preference` is kept of the customer.
    """

    disposition: str = ""
    note: str = ""
    call_again: datetime | None = None
    mileage_km: int | None = None
    preference: str = ""
    wish: str = ""
    take_wish: bool = False


async def talk_of(session: AsyncSession, call: str, *, agent: str, on_desk: Collection[str] = ()) -> Talk:
    """Raises NotFound for a call of nobody and of a colleague alike; `on_desk` are the calls this agent has now."""
    attempt = await session.scalar(select(CampaignAttempt).where(CampaignAttempt.call == call))
    if attempt is None or not (attempt.agent == agent or call in on_desk):
        raise NotFound("There is no such contact among yours.")
    entry = await session.get_one(CampaignEntry, attempt.entry_id)
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    return Talk(
        attempt=attempt,
        entry=entry,
        campaign=campaign,
        settings=settings_from(campaign.settings),
        customer=await session.get_one(Customer, attempt.customer_id),
        vehicle=await session.get(Vehicle, entry.vehicle_id) if entry.vehicle_id else None,
    )


async def save_talk(
    session: AsyncSession,
    call: str,
    told: Told,
    *,
    zone: tzinfo,
    actor: str,
    at: datetime,
    on_desk: Collection[str] = (),
) -> Talk:
    """Keeps what is written so far; each field may be changed again. Raises Invalid with the field that is wrong."""
    talk = await talk_of(session, call, agent=actor, on_desk=on_desk)
    _check(talk, told, at)
    # In the writer's order, so that the end of the call and a saving wait for each other.
    await session.refresh(talk.entry, with_for_update=True)
    attempt, entry = talk.attempt, talk.entry
    before, attempt.disposition = attempt.disposition, told.disposition
    attempt.note = storable(told.note.strip(), 2000)
    if told.disposition == CALL_LATER and told.call_again is not None:
        entry.due_at = told.call_again
    called_again = before in (CALL_LATER, WAS_MACHINE) and told.disposition != before
    if called_again and entry.state == "waiting" and attempt.result in ANSWERED:
        entry.state, entry.ended_at = "done", at  # the agent took it for another wish
    agree_on_time(attempt, entry, talk.settings, at)
    if told.disposition == NO_MORE_CALLS and before != NO_MORE_CALLS:
        await opt_out(session, attempt, at=at)
    await _learn(session, talk, told, zone=zone, actor=actor, at=at)
    if told.disposition != before:
        detail = noting(entry=entry.id, customer=entry.customer_id, disposition=told.disposition)
        subject = f"campaign/{talk.campaign.id}"
        await audit(session, at=at, actor=actor, action="campaign_disposition", subject=subject, detail=detail)
    return talk


def _check(talk: Talk, told: Told, at: datetime) -> None:
    if told.disposition and told.disposition not in talk.settings.dispositions:
        raise Invalid("Choose from the list.", field="disposition")
    if told.disposition == CALL_LATER and (told.call_again is None or not at < told.call_again <= at + LATEST):
        raise Invalid("Choose when to call again, within the next {days} days.", days=LATEST.days, field="call_again")
    if told.mileage_km is not None and not 0 <= told.mileage_km <= MOST_KM:
        raise Invalid("Enter a number from {low} to {high}.", low=0, high=MOST_KM, field="mileage_km")
    if told.take_wish and not told.wish.strip():
        raise Invalid("Write which model, or what the customer wishes.", field="wish")


async def _learn(session: AsyncSession, talk: Talk, told: Told, *, zone: tzinfo, actor: str, at: datetime) -> None:
    if told.mileage_km is not None and talk.vehicle is not None:
        talk.vehicle.mileage_km = told.mileage_km
    preference = storable(told.preference.strip(), 120)
    if preference and preference != talk.customer.preference:
        talk.customer.preference, talk.customer.updated_at = preference, at
    if not told.take_wish:
        return
    by = {"contact_id": talk.attempt.call, "actor": actor, "at": at}
    known = await open_lead_of(session, talk.customer.id)
    if known is not None:
        await mention(session, known.id, words=told.wish[:WISH_LIMIT], **by)  # type: ignore[arg-type]
        return
    facts = {"customer_id": talk.customer.id, "source": Source.HOTLINE.value, "wish": told.wish[:WISH_LIMIT]}
    await capture(session, **facts, dealer_id=talk.entry.dealer_id, zone=zone, **by)  # type: ignore[arg-type]
