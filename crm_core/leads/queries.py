"""The centre's view of leads: the list with its filters, the funnel, one lead with everything that happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.errors import NotFound
from crm_core.leads.filters import FUNNEL_DAYS, STAGES, LeadFilter, captured_in, conditions, reached, stuck
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.paging import ORDER, behind


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadLine:
    """`stuck`: verified, and the daily delivery does not send it."""

    lead: Lead
    customer: str
    salutation: str
    phone: str
    dealer: str
    staff: str
    stuck: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many leads of the funnel's days came at least so far."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadStory:
    """One lead with its people and events, newest first."""

    line: LeadLine
    customer: Customer
    referrer: Customer | None
    dealer: Dealer | None
    events: tuple[LeadEvent, ...]
    dealers: dict[int, str] = field(default_factory=dict)  # every dealer that an event names


async def lead_lines(
    session: AsyncSession, wanted: LeadFilter, *, now: datetime, reach: Reach = EVERYTHING, limit: int, after: str = ""
) -> list[LeadLine]:
    """By the time that is left for a word, then the newest; `after` is `paging.place_of` of the last lead shown."""
    statement = _lines().where(*conditions(wanted, now), reach.condition(Lead.dealer_id))
    if after:
        statement = statement.where(behind(after))
    return [_line(row) for row in await session.execute(statement.order_by(*ORDER).limit(limit))]


async def count_leads(session: AsyncSession, wanted: LeadFilter, *, now: datetime, reach: Reach = EVERYTHING) -> int:
    counted = select(func.count()).select_from(Lead).join(Customer, Customer.id == Lead.customer_id)
    return await session.scalar(counted.where(*conditions(wanted, now), reach.condition(Lead.dealer_id))) or 0


async def status_counts(session: AsyncSession, *, reach: Reach = EVERYTHING) -> dict[str, int]:
    rows = await session.execute(
        select(Lead.status, func.count()).where(reach.condition(Lead.dealer_id)).group_by(Lead.status)
    )
    return {row[0]: row[1] for row in rows}


async def due_counts(session: AsyncSession, *, now: datetime) -> dict[str, int]:
    """For each word of `LeadFilter.due` how many open leads it shows."""
    return {
        word: await count_leads(session, LeadFilter(due=word), now=now) for word in ("overdue", "soon", "stuck", "call")
    }


async def funnel(session: AsyncSession, *, now: datetime, days: int = FUNNEL_DAYS) -> list[Stage]:
    """Leads captured in the last `days` days, by how far they came; each stage counts those of the later ones, too."""
    counts = [func.count(case((reached(name), 1))) for name in STAGES]
    row = (await session.execute(select(*counts).where(*captured_in(now, days)))).one()
    return [Stage(name=name, count=count) for name, count in zip(STAGES, row, strict=True)]


async def lead_story(session: AsyncSession, number: str) -> LeadStory:
    """Raises NotFound."""
    row = (await session.execute(_lines().where(Lead.number == storable(number, 20)))).one_or_none()
    if row is None:
        raise NotFound("There is no such lead.")
    line = _line(row)
    told = select(LeadEvent).where(LeadEvent.lead_id == line.lead.id).order_by(LeadEvent.at.desc(), LeadEvent.id.desc())
    events = tuple(await session.scalars(told.limit(300)))
    named = {event.detail.get(key) for event in events for key in ("dealer_id", "from")} | {line.lead.dealer_id}
    known = await session.execute(select(Dealer.id, Dealer.short_name).where(Dealer.id.in_(named - {None})))
    return LeadStory(
        line=line,
        customer=await session.get_one(Customer, line.lead.customer_id),
        referrer=await session.get(Customer, line.lead.referred_by_id) if line.lead.referred_by_id else None,
        dealer=await session.get(Dealer, line.lead.dealer_id) if line.lead.dealer_id else None,
        events=events,
        dealers={row.id: row.short_name for row in known},
    )


async def sellers(session: AsyncSession) -> list[tuple[int, str, str]]:
    """Id, short name and city of every dealer a lead can be sent to."""
    rows = await session.execute(
        select(Dealer.id, Dealer.short_name, Dealer.city).where(Dealer.active).order_by(Dealer.city, Dealer.short_name)
    )
    return [(row.id, row.short_name, row.city) for row in rows]


async def models_seen(session: AsyncSession, limit: int = 40) -> list[str]:
    """Models that leads named before, the most frequent first: proposals for the form."""
    rows = select(Lead.model).where(Lead.model != "").group_by(Lead.model).order_by(func.count().desc()).limit(limit)
    return list(await session.scalars(rows))


def _lines() -> Any:
    phone = (
        select(CustomerPhone.e164)
        .where(CustomerPhone.customer_id == Customer.id)
        .order_by(CustomerPhone.position, CustomerPhone.id)
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    return (
        select(
            Lead,
            Customer.name.label("customer"),
            Customer.salutation.label("salutation"),
            func.coalesce(phone, "").label("phone"),
            func.coalesce(Dealer.short_name, "").label("dealer"),
            func.coalesce(DealerStaff.name, "").label("staff"),
            stuck().label("stuck"),
        )
        .join(Customer, Customer.id == Lead.customer_id)
        .outerjoin(Dealer, Dealer.id == Lead.dealer_id)
        .outerjoin(DealerStaff, DealerStaff.id == Lead.staff_id)
    )


def _line(row: Row[Any]) -> LeadLine:
    return LeadLine(
        lead=row.Lead,
        customer=row.customer,
        salutation=row.salutation,
        phone=row.phone,
        dealer=row.dealer,
        staff=row.staff,
        stuck=bool(row.stuck),
    )
