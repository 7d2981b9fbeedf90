"""Leads on their way to the dealers: daily, at once, to the next one when nobody works them, back to the centre."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role, read_roles
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Answer
from crm_core.customers.model import Customer
from crm_core.dealers.model import Dealer
from crm_core.dealers.services import SALES, offered
from crm_core.errors import Invalid
from crm_core.jobs.actions import schedule
from crm_core.leads.choice import Chosen, Seller, choose
from crm_core.leads.clock import due_now
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.nurture import stop_tasks
from crm_core.leads.record import (
    CLOCK_JOB,
    PLATFORM,
    locked,
    require_allowed,
    step,
    stop_jobs,
    tell_event,
    words_needed,
)
from crm_core.leads.rules import LeadRules, last_sending
from crm_core.leads.settings import lead_rules
from crm_core.leads.turns import begin_turn, end_turn
from crm_core.leads.words import WITH_DEALER, Act, LeadStatus

SENT_AT_ONCE = 500
"""Of one run of the daily delivery; the others follow a minute later, so that no transaction grows without bound."""


async def send(
    session: AsyncSession, lead_id: int, *, dealer_id: int | None = None, actor: str, at: datetime, zone: tzinfo
) -> Lead:
    """By hand, to the named dealer or to the one the rules choose. Raises CustomerSaysNo, Invalid, LeadStepRefused."""
    lead = await locked(session, lead_id)
    await send_lead(session, lead, await lead_rules(session), dealer_id=dealer_id, actor=actor, at=at, zone=zone)
    return lead


async def send_lead(
    session: AsyncSession,
    lead: Lead,
    rules: LeadRules,
    *,
    dealer_id: int | None = None,
    by_hand: bool = True,
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> bool:
    """Pass a locked lead on. Not `by_hand`, what hinders is kept as an event instead of being raised."""
    verdict = await may_contact(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, at=at, zone=zone)
    if not by_hand and verdict.answer is Answer.NO:
        await _hold_back(session, lead, verdict.reason, at=at)
        return False
    require_allowed(verdict)
    chosen = await _choose(session, lead, dealer_id)
    if chosen is None:
        if by_hand:
            raise Invalid("Choose a dealer: no other one is left for this lead.", field="dealer_id")
        await _hold_back(session, lead, "Choose a dealer: no other one is left for this lead.", at=at)
        return False
    step(lead, Act.SENT)
    await stop_tasks(session, lead, at=at)
    await _hand_over(session, lead, rules, chosen.dealer_id, at)
    detail = {"dealer_id": chosen.dealer_id, "why": chosen.why}
    await tell_event(session, lead, Act.SENT, detail=detail, actor=actor, at=at)
    return True


async def send_due(session: AsyncSession, *, at: datetime, zone: tzinfo) -> tuple[int, bool]:
    """The daily delivery (N17): gives how many leads were sent, and whether more are waiting.

    What was verified after the last hour of delivery waits for the next one, however late this runs.
    """
    rules = await lead_rules(session)
    waiting = (
        select(Lead.id)
        .where(Lead.status == LeadStatus.VERIFIED, Lead.verified_at <= last_sending(rules, at, zone))
        .order_by(Lead.verified_at, Lead.id)
    )
    done = 0
    ids = list(await session.scalars(waiting.limit(SENT_AT_ONCE)))
    for lead_id in ids:
        lead = await locked(session, lead_id)
        worked_out = len(lead.dealers_before) >= rules.most_dealers  # a person decides what becomes of it
        if lead.status == LeadStatus.VERIFIED and not worked_out:
            done += await send_lead(session, lead, rules, by_hand=False, actor=PLATFORM, at=at, zone=zone)
    return done, len(ids) == SENT_AT_ONCE and done > 0


async def reassign(
    session: AsyncSession, lead_id: int, *, dealer_id: int | None = None, words: str = "", actor: str, at: datetime
) -> Lead:
    """To another dealer, or back to the centre when too many had it already. The regional manager is told (outbox)."""
    lead = await locked(session, lead_id)
    rules = await lead_rules(session)
    before = lead.dealer_id
    lead.dealers_before = [*(one for one in lead.dealers_before if one != before), *([before] if before else [])]
    chosen = None
    if dealer_id is not None or len(lead.dealers_before) < rules.most_dealers:
        chosen = await _choose(session, lead, dealer_id, tried=lead.dealers_before)
    detail: dict[str, Any] = {"from": before, "managers": await _managers_of(session, before)}
    lead.staff_id, lead.next_step_on = None, None
    if chosen is None:
        step(lead, Act.RETURNED)
        lead.dealer_id, lead.sent_at, lead.feedback_due_at = None, None, None
        await stop_jobs(session, lead)
        await end_turn(session, lead, at=at)
        await tell_event(session, lead, Act.RETURNED, text=words, detail=detail, actor=actor, at=at)
        return lead
    step(lead, Act.REASSIGNED)
    await _hand_over(session, lead, rules, chosen.dealer_id, at)
    detail |= {"dealer_id": chosen.dealer_id, "why": chosen.why, "times": lead.times_sent}
    await tell_event(session, lead, Act.REASSIGNED, text=words, detail=detail, actor=actor, at=at)
    return lead


async def take_back(session: AsyncSession, lead_id: int, *, words: str, actor: str, at: datetime) -> Lead:
    """The centre takes a lead back from the dealer, with the reason."""
    lead = await locked(session, lead_id)
    text = words_needed(words, "Say in a few words why you take it back.")
    step(lead, Act.RETURNED)
    detail = {"from": lead.dealer_id, "managers": await _managers_of(session, lead.dealer_id)}
    lead.dealer_id, lead.staff_id, lead.sent_at, lead.feedback_due_at, lead.next_step_on = None, None, None, None, None
    await stop_jobs(session, lead)
    await end_turn(session, lead, at=at)
    await tell_event(session, lead, Act.RETURNED, text=text, detail=detail, actor=actor, at=at)
    return lead


async def look_at_clock(session: AsyncSession, lead_id: int, *, at: datetime) -> datetime | None:
    """Remind the dealer, or pass an unworked lead on; gives when to look again, None = the clock stopped."""
    lead = await session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    if lead is None or lead.feedback_due_at is None or LeadStatus(lead.status) not in WITH_DEALER:
        return None
    rules = await lead_rules(session)
    due, again = due_now(rules, lead.feedback_due_at, lead.reminders, at)
    if due == "remind":
        lead.reminders += 1
        detail = {"dealer_id": lead.dealer_id, "reminder": lead.reminders, "due_at": lead.feedback_due_at.isoformat()}
        await tell_event(session, lead, Act.REMINDED, detail=detail, actor=PLATFORM, at=at)
    elif due == "reassign":
        await reassign(session, lead_id, actor=PLATFORM, at=at)
        # The new dealer's clock was put on the list just now; this job is that one.
        return lead.feedback_due_at and due_now(rules, lead.feedback_due_at, 0, at)[1]
    return again


async def _hand_over(session: AsyncSession, lead: Lead, rules: LeadRules, dealer_id: int, at: datetime) -> None:
    lead.dealer_id, lead.staff_id, lead.sent_at = dealer_id, None, at
    lead.times_sent += 1
    lead.feedback_at, lead.reminders, lead.next_step_on = None, 0, None
    lead.feedback_due_at = at + timedelta(days=rules.feedback_days)
    await begin_turn(session, lead, due_at=lead.feedback_due_at, at=at)
    await stop_jobs(session, lead)
    await start_clock(session, lead, rules, at)


async def start_clock(session: AsyncSession, lead: Lead, rules: LeadRules, at: datetime) -> None:
    """Put the next look at the dealer's clock on the list of jobs."""
    if lead.feedback_due_at is not None:
        _, again = due_now(rules, lead.feedback_due_at, lead.reminders, at)
        await schedule(session, CLOCK_JOB, str(lead.id), again or lead.feedback_due_at)


async def _hold_back(session: AsyncSession, lead: Lead, reason: str, *, at: datetime) -> None:
    """Tell it once, not every morning."""
    latest = select(LeadEvent).where(LeadEvent.lead_id == lead.id).order_by(LeadEvent.id.desc()).limit(1)
    last = await session.scalar(latest)
    if last is None or last.kind != Act.HELD_BACK or last.detail.get("reason") != reason:
        await tell_event(session, lead, Act.HELD_BACK, detail={"reason": reason}, actor=PLATFORM, at=at)


async def _choose(session: AsyncSession, lead: Lead, wanted: int | None, tried: Collection[int] = ()) -> Chosen | None:
    sellers = await _sellers(session)
    if wanted is not None:
        if all(one.dealer_id != wanted for one in sellers):
            raise Invalid("Choose a dealer from the list.", field="dealer_id")
        return Chosen(dealer_id=wanted, why="wished")
    customer = await session.get(Customer, lead.customer_id)
    return choose(
        sellers,
        wished=lead.dealer_id,
        own=customer.dealer_id if customer else None,
        city=customer.city if customer else "",
        tried=tried or lead.dealers_before,
    )


async def _sellers(session: AsyncSession) -> list[Seller]:
    open_leads = (
        select(Lead.dealer_id, func.count().label("open"))
        .where(Lead.status.in_(WITH_DEALER))
        .group_by(Lead.dealer_id)
        .subquery()
    )
    rows = await session.execute(
        select(Dealer, func.coalesce(open_leads.c.open, 0))
        .outerjoin(open_leads, open_leads.c.dealer_id == Dealer.id)
        .where(Dealer.active)
        .order_by(Dealer.id)
    )
    return [
        Seller(
            dealer_id=dealer.id,
            city=dealer.city,
            latitude=dealer.latitude,
            longitude=dealer.longitude,
            sells=SALES in offered(dealer.services, dealer.station_at),
            open_leads=count,
        )
        for dealer, count in rows
    ]


async def _managers_of(session: AsyncSession, dealer_id: int | None) -> list[str]:
    """Personnel numbers of the regional managers over this dealer."""
    dealer = await session.get(Dealer, dealer_id) if dealer_id else None
    if dealer is None or not dealer.region:
        return []
    rows = await session.execute(
        select(User.number, User.roles).where(User.region == dealer.region, User.disabled_at.is_(None))
    )
    return [number for number, roles in rows if Role.REGIONAL_MANAGER in read_roles(roles)]
