"""Setting aside what is no prospect, and the way back from there and from lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.leads.model import Lead
from crm_core.leads.nurture import stop_tasks
from crm_core.leads.record import close, locked, step, stop_jobs, tell_event, words_needed
from crm_core.leads.words import Act, LeadStatus


async def invalidate(session: AsyncSession, lead_id: int, *, words: str, actor: str, at: datetime) -> Lead:
    """No prospect: a joke, a wrong number, a double. A recommendation no longer counts for who made it."""
    lead = await locked(session, lead_id)
    text = words_needed(words, "Say in a few words why this is no prospect.")
    step(lead, Act.INVALIDATED)
    close(lead, at)
    if lead.referred_by_id:
        await count_referral(session, lead.referred_by_id, -1)
    await stop_jobs(session, lead)
    await stop_tasks(session, lead, at=at)
    await tell_event(session, lead, Act.INVALIDATED, text=text, actor=actor, at=at)
    return lead


async def reopen(session: AsyncSession, lead_id: int, *, words: str = "", actor: str, at: datetime) -> Lead:
    """A lost lead, or one set aside, is worked again; a recommendation counts again."""
    lead = await locked(session, lead_id)
    was_invalid = lead.status == LeadStatus.INVALID
    step(lead, Act.REOPENED)
    lead.closed_at, lead.lost_reason, lead.lost_to = None, "", ""
    if was_invalid and lead.referred_by_id:
        await count_referral(session, lead.referred_by_id, 1)
    await tell_event(session, lead, Act.REOPENED, text=words, actor=actor, at=at)
    return lead


async def count_referral(session: AsyncSession, customer_id: int, change: int) -> None:
    """One recommendation more, or less, of this customer (B-137)."""
    counted = update(Customer).where(Customer.id == customer_id).values(referrals=Customer.referrals + change)
    await session.execute(counted)
