"""The leads that were captured in a period, each with its last turn at a dealer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.leads.model import Lead, LeadTurn
from reports.lead_flow import LeadFact


async def leads_of(
    session: AsyncSession, start: datetime, end: datetime, *, source: str = "", reach: Reach = EVERYTHING
) -> list[LeadFact]:
    """Leads captured in [start, end), oldest first."""
    rows = await session.execute(_leads(start, end, source, reach))
    return [LeadFact(**row._mapping) for row in rows]


def _leads(start: datetime, end: datetime, source: str, reach: Reach) -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(LeadTurn.id)).where(LeadTurn.lead_id == Lead.id).correlate(Lead).scalar_subquery()
    )  # turns are written in order
    return (
        select(
            Lead.id,
            Lead.number,
            Lead.source,
            Lead.status,
            Lead.horizon,
            Lead.dealer_id,
            Lead.touchpoint,
            Lead.created_at,
            Lead.verified_at,
            func.coalesce(LeadTurn.sent_at, Lead.sent_at).label("sent_at"),
            LeadTurn.due_at,
            LeadTurn.first_word_at,
            Lead.closed_at,
            Lead.lost_reason,
        )
        .select_from(Lead)
        .join(LeadTurn, LeadTurn.id == last, isouter=True)
        .where(Lead.created_at >= start, Lead.created_at < end, reach.condition(Lead.dealer_id))
        .where(Lead.source == source if source else true())
        .order_by(Lead.created_at, Lead.id)
    )
