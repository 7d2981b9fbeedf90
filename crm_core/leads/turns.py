"""A dealer's turn with a lead: it begins when the lead is handed over, keeps the first word, and ends once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.leads.model import Lead, LeadTurn


async def begin_turn(session: AsyncSession, lead: Lead, *, due_at: datetime, at: datetime) -> None:
    """The lead is with `lead.dealer_id` from now on; whose turn it was before, has had it."""
    await end_turn(session, lead, at=at)
    session.add(LeadTurn(lead_id=lead.id, dealer_id=lead.dealer_id, sent_at=at, due_at=due_at))


async def first_word(session: AsyncSession, lead: Lead, *, at: datetime) -> None:
    """The dealer told something; only the first time of a turn is kept."""
    running = (LeadTurn.lead_id == lead.id, LeadTurn.ended_at.is_(None), LeadTurn.first_word_at.is_(None))
    await session.execute(update(LeadTurn).where(*running).values(first_word_at=at))


async def end_turn(session: AsyncSession, lead: Lead, *, at: datetime) -> None:
    running = (LeadTurn.lead_id == lead.id, LeadTurn.ended_at.is_(None))
    await session.execute(update(LeadTurn).where(*running).values(ended_at=at))
