"""Taking down an interest in buying, in any contact; checking it; and setting aside what is none."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.consent.actions import answer
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.leads.delivery import send_lead
from crm_core.leads.model import Lead
from crm_core.leads.nurture import begin_plan
from crm_core.leads.progress import horizon_of
from crm_core.leads.record import locked, require_allowed, step, stop_jobs, tell_event, words_needed
from crm_core.leads.setting_aside import count_referral
from crm_core.leads.settings import lead_rules
from crm_core.leads.words import OPEN, Act, Horizon, LeadStatus, LostReason, Source
from crm_core.numbering import add_numbered


class LeadOpenAlready(Refused):
    """The customer has an open lead: add to it, or say that this is another one. `lead_number` leads to it."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "Lead {number} of this customer is open already. Add to it, or keep this as another one.", number=number
        )
        self.lead_number = number


async def capture(
    session: AsyncSession,
    *,
    customer_id: int,
    source: str,
    model: str = "",
    wish: str = "",
    buy_by: date | None = None,
    horizon: str = "",
    budget_wan: int | None = None,
    trade_in: str = "",
    test_drive: bool = False,
    dealer_id: int | None = None,
    referred_by_id: int | None = None,
    contact_id: str = "",
    touchpoint: str = "",
    consent: bool | None = None,
    consent_words: str = "",
    again: bool = False,
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> Lead:
    """A new lead, numbered XS-MMDD-NNNN by the day in `zone`. `horizon` "" = by `buy_by`.

    `consent` is the answer to "may we call you about it?"; a no keeps the lead as lost, so that nobody asks again.
    Raises Invalid, NotFound, or LeadOpenAlready unless `again`.
    """
    await _check_people(session, customer_id, dealer_id, referred_by_id)
    if source not in list(Source):
        raise Invalid("Choose where the lead comes from.", field="source")
    if not (model.strip() or wish.strip()):
        raise Invalid("Write which model, or what the customer wishes.", field="wish")
    known = await open_lead_of(session, customer_id)
    if known is not None and not again:
        raise LeadOpenAlready(known.number)
    rules = await lead_rules(session)
    by_date = horizon_of(buy_by, at.astimezone(zone).date(), hot_days=rules.hot_days, mid_days=rules.mid_days)
    lead = await _numbered(
        session,
        at,
        zone,
        customer_id=customer_id,
        source=source,
        contact_id=storable(contact_id, 64),
        referred_by_id=referred_by_id,
        model=storable(model.strip(), 60),
        wish=storable(wish.strip(), 200),
        budget_wan=budget_wan,
        trade_in=storable(trade_in.strip(), 80),
        test_drive=test_drive,
        buy_by=buy_by,
        horizon=(_horizon(horizon) or by_date).value,
        dealer_id=dealer_id,
        created_at=at,
        created_by=storable(actor, 16),
        touchpoint=storable(touchpoint, 40),
    )
    if referred_by_id:
        await count_referral(session, referred_by_id, 1)
    await _keep_consent(session, lead, consent, consent_words, actor=actor, at=at)
    await tell_event(session, lead, Act.CAPTURED, text=lead.wish, detail={"source": source}, actor=actor, at=at)
    return lead


async def open_lead_of(session: AsyncSession, customer_id: int) -> Lead | None:
    """The newest lead of the customer that is not closed."""
    statement = select(Lead).where(Lead.customer_id == customer_id, Lead.status.in_(OPEN)).order_by(Lead.id.desc())
    return await session.scalar(statement.limit(1))


async def mention(
    session: AsyncSession, lead_id: int, *, words: str, contact_id: str = "", actor: str, at: datetime
) -> Lead:
    """The customer spoke of the same interest again: one lead, one more event."""
    lead = await locked(session, lead_id)
    text = words_needed(words, "Write in a few words what the customer said.")
    if LeadStatus(lead.status) not in OPEN:
        raise Refused("Lead {number} is closed. Keep this as a new one.", number=lead.number)
    detail = {"contact_id": contact_id} if contact_id else {}
    await tell_event(session, lead, Act.MENTIONED, text=text, detail=detail, actor=actor, at=at)
    return lead


async def verify(
    session: AsyncSession,
    lead_id: int,
    *,
    model: str | None = None,
    wish: str | None = None,
    buy_by: date | None = None,
    horizon: str = "",
    dealer_id: int | None = None,
    words: str = "",
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> Lead:
    """The interest is real. A hot lead goes to a dealer at once where the rules say so, a long one into the plan of
    three months; the others wait for the daily delivery. Raises CustomerSaysNo when the follow-up is not allowed."""
    lead = await locked(session, lead_id)
    require_allowed(await may_contact(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, at=at, zone=zone))
    rules = await lead_rules(session)
    if model is not None:
        lead.model = storable(model.strip(), 60)
    if wish is not None:
        lead.wish = storable(wish.strip(), 200)
    if not (lead.model or lead.wish):
        raise Invalid("Write which model, or what the customer wishes.", field="model")
    if buy_by is not None:
        lead.buy_by = buy_by
        today = at.astimezone(zone).date()
        lead.horizon = horizon_of(buy_by, today, hot_days=rules.hot_days, mid_days=rules.mid_days).value
    lead.horizon = (_horizon(horizon) or Horizon(lead.horizon)).value
    if dealer_id is not None:
        await _dealer(session, dealer_id)
        lead.dealer_id = dealer_id
    step(lead, Act.VERIFIED)
    lead.verified_at, lead.next_step_on = at, None
    await stop_jobs(session, lead)
    await tell_event(session, lead, Act.VERIFIED, text=words, detail={"horizon": lead.horizon}, actor=actor, at=at)
    if lead.horizon == Horizon.LONG and not rules.send_long:
        await begin_plan(session, lead, rules, actor=actor, at=at, zone=zone)
    elif lead.horizon == Horizon.HOT and rules.hot_at_once:
        await send_lead(session, lead, rules, by_hand=False, actor=actor, at=at, zone=zone)
    return lead


async def _keep_consent(
    session: AsyncSession, lead: Lead, consent: bool | None, words: str, *, actor: str, at: datetime
) -> None:
    if consent is None:
        return
    await answer(
        session,
        lead.customer_id,
        Purpose.LEAD,
        Channel.PHONE,
        consent,
        contact_id=lead.contact_id,
        words=words,
        actor=actor,
        at=at,
    )
    if not consent:
        lead.status, lead.lost_reason, lead.closed_at = LeadStatus.LOST.value, LostReason.REFUSED.value, at


async def _check_people(
    session: AsyncSession, customer_id: int, dealer_id: int | None, referred_by_id: int | None
) -> None:
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise NotFound("There is no such customer.")
    if referred_by_id == customer_id:
        raise Invalid("Customers cannot recommend themselves.", field="referred_by")
    if referred_by_id is not None and await session.get(Customer, referred_by_id) is None:
        raise Invalid("Choose the customer who recommended.", field="referred_by")
    if dealer_id is not None:
        await _dealer(session, dealer_id)


async def _dealer(session: AsyncSession, dealer_id: int) -> Dealer:
    dealer = await session.get(Dealer, dealer_id)
    if dealer is None or not dealer.active:
        raise Invalid("Choose a dealer from the list.", field="dealer_id")
    return dealer


def _horizon(word: str) -> Horizon | None:
    if not word:
        return None
    if word not in list(Horizon):
        raise Invalid("Choose from the list.", field="horizon")
    return Horizon(word)


async def _numbered(session: AsyncSession, at: datetime, zone: tzinfo, **facts: Any) -> Lead:
    lead = Lead(status=LeadStatus.NEW.value, **facts)
    await add_numbered(session, lead, Lead.number, f"XS-{at.astimezone(zone):%m%d}-")
    return lead
