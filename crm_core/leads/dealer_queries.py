"""A dealer's leads as the portal shows them; only those within the reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.errors import NotFound
from crm_core.leads.clock import Clock, clock_of
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.words import WITH_DEALER, Act

MOST_SHOWN = 500
ALWAYS_TOLD = (Act.CAPTURED, Act.MENTIONED, Act.VERIFIED)
"""What every dealer may read of a lead; the rest only since the lead is theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerLead:
    """One row. `clock` None = no word is due. `phone` is whole: the page masks it. `times_sent` over 1: it came from
    another dealer."""

    lead_id: int
    number: str
    dealer_id: int
    dealer_short: str
    customer_id: int
    customer: str
    salutation: str
    phone: str
    city: str
    horizon: str
    status: str
    model: str
    wish: str
    source: str
    budget_wan: int | None
    trade_in: str
    test_drive: bool
    buy_by: date | None
    captured_on: date
    sent_at: datetime | None
    feedback_due_at: datetime | None
    feedback_at: datetime | None
    next_step_on: date | None
    staff_id: int | None
    staff: str
    times_sent: int
    closed_at: datetime | None
    lost_reason: str
    clock: Clock | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerLeadDetail:
    """A lead with what happened since it is this dealer's, newest first."""

    lead: DealerLead
    events: tuple[LeadEvent, ...]


async def leads(
    session: AsyncSession, reach: Reach, *, now: datetime, zone: tzinfo, open_only: bool = True
) -> list[DealerLead]:
    """By the time that is left; closed ones behind, the latest first. At most 500."""
    statement = _rows(reach)
    if open_only:
        statement = statement.where(Lead.status.in_(WITH_DEALER))
    statement = statement.order_by(
        Lead.closed_at.is_not(None),
        Lead.feedback_due_at.is_(None),
        Lead.feedback_due_at,
        Lead.closed_at.desc(),
        Lead.id,
    )
    rows = await session.execute(statement.limit(MOST_SHOWN))
    return [_dealer_lead(row, now, zone) for row in rows]


async def lead(session: AsyncSession, number: str, reach: Reach, *, now: datetime, zone: tzinfo) -> DealerLeadDetail:
    """Raises NotFound, for a lead of another dealer as for an unknown one."""
    row = (await session.execute(_rows(reach).where(Lead.number == storable(number, 20)))).one_or_none()
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    told = (
        select(LeadEvent)
        .where(
            LeadEvent.lead_id == row.Lead.id,
            or_(LeadEvent.kind.in_(ALWAYS_TOLD), LeadEvent.at >= (row.Lead.sent_at or row.Lead.created_at)),
        )
        .order_by(LeadEvent.at.desc(), LeadEvent.id.desc())
        .limit(200)
    )
    return DealerLeadDetail(lead=_dealer_lead(row, now, zone), events=tuple(await session.scalars(told)))


def _rows(reach: Reach) -> Select[tuple[Lead, Customer, Dealer, DealerStaff, str]]:
    """Leads that a dealer has or had at the end; one still at the centre is nobody's."""
    phone = (
        select(CustomerPhone.e164)
        .where(CustomerPhone.customer_id == Customer.id)
        .order_by(CustomerPhone.position, CustomerPhone.id)
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    return (
        select(Lead, Customer, Dealer, DealerStaff, phone.label("phone"))
        .join(Customer, Customer.id == Lead.customer_id)
        .join(Dealer, Dealer.id == Lead.dealer_id)
        .outerjoin(DealerStaff, DealerStaff.id == Lead.staff_id)
        .where(reach.condition(Lead.dealer_id), Lead.times_sent > 0, Lead.status.in_((*WITH_DEALER, "won", "lost")))
    )


def _dealer_lead(row: Row[tuple[Lead, Customer, Dealer, DealerStaff, str]], now: datetime, zone: tzinfo) -> DealerLead:
    one, customer, dealer, person = row.Lead, row.Customer, row.Dealer, row.DealerStaff
    began = one.feedback_at or one.sent_at
    due = one.feedback_due_at
    return DealerLead(
        lead_id=one.id,
        number=one.number,
        dealer_id=dealer.id,
        dealer_short=dealer.short_name,
        customer_id=customer.id,
        customer=customer.name,
        salutation=customer.salutation,
        phone=row.phone or "",
        city=customer.city,
        horizon=one.horizon,
        status=one.status,
        model=one.model,
        wish=one.wish,
        source=one.source,
        budget_wan=one.budget_wan,
        trade_in=one.trade_in,
        test_drive=one.test_drive,
        buy_by=one.buy_by,
        captured_on=one.created_at.astimezone(zone).date(),
        sent_at=one.sent_at,
        feedback_due_at=due,
        feedback_at=one.feedback_at,
        next_step_on=one.next_step_on,
        staff_id=one.staff_id,
        staff=person.name if person else "",
        times_sent=one.times_sent,
        closed_at=one.closed_at,
        lost_reason=one.lost_reason,
        clock=clock_of(began, due, now) if began and due else None,
    )
