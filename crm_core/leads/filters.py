"""Which leads a list shows: its filters as conditions. What is typed reaches the database as values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, false, literal, or_, select, true
from sqlalchemy.orm import aliased

from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.model import CareTask
from crm_core.leads.model import Lead, LeadEvent, LeadTurn
from crm_core.leads.words import OPEN, WITH_DEALER, Act, LeadStatus
from crm_core.phone import to_e164

SOON = timedelta(days=2)
FUNNEL_DAYS = 90
STAGES = ("captured", "verified", "sent", "answered", "won")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """What is empty does not restrict. `status`: a word of LeadStatus, "open" or "all".

    `due`: overdue (the dealer's word), soon (due within two days), stuck (waits for a person) or call (of the plan).
    `stage` shows what this figure of the funnel counts, whatever the status.
    """

    q: str = ""
    status: str = "open"
    horizon: str = ""
    source: str = ""
    dealer_id: int | None = None
    due: str = ""
    stage: str = ""
    customer_id: int | None = None


def captured_in(now: datetime, days: int) -> tuple[ColumnElement[bool], ...]:
    """Leads of the funnel: captured in the last `days` days, and no mistake."""
    return (
        Lead.created_at >= now - timedelta(days=days),
        Lead.created_at <= now,
        Lead.status != LeadStatus.INVALID,
    )


def reached(stage: str) -> ColumnElement[bool]:
    """Whether a lead came at least as far as this stage of the funnel."""
    if stage == "verified":
        return or_(Lead.verified_at.is_not(None), Lead.times_sent > 0, Lead.status == LeadStatus.WON)
    if stage == "sent":
        return or_(Lead.times_sent > 0, Lead.status == LeadStatus.WON)
    if stage == "answered":
        # Of any dealer's turn: `Lead.feedback_at` is the present dealer's alone, and starts anew with the next one.
        turn = aliased(LeadTurn)
        word = select(turn.id).where(turn.lead_id == Lead.id, turn.first_word_at.is_not(None)).exists()
        return or_(word, Lead.status == LeadStatus.WON)
    if stage == "won":
        return Lead.status == LeadStatus.WON
    return true()


def stuck() -> ColumnElement[bool]:
    """Verified, but came back from the dealers, or was held back since it was verified."""
    event = aliased(LeadEvent)
    held = (
        select(event.id)
        .where(event.lead_id == Lead.id, event.kind.in_((Act.HELD_BACK, Act.RETURNED)), event.at >= Lead.verified_at)
        .exists()
    )
    return and_(Lead.status == LeadStatus.VERIFIED, held)


def conditions(wanted: LeadFilter, now: datetime) -> list[ColumnElement[bool]]:
    """For a `where` of a query that joins Lead with Customer."""
    found: list[ColumnElement[bool]] = []
    if wanted.stage in STAGES:
        found += [*captured_in(now, FUNNEL_DAYS), reached(wanted.stage)]
    elif wanted.status == "open" or (wanted.due and wanted.status != "all"):
        found.append(Lead.status.in_(OPEN))
    elif wanted.status in list(LeadStatus):
        found.append(Lead.status == wanted.status)
    for column, value in ((Lead.horizon, wanted.horizon), (Lead.source, wanted.source)):
        if value:
            found.append(column == value)
    if wanted.dealer_id is not None:
        found.append(Lead.dealer_id == wanted.dealer_id)
    if wanted.customer_id is not None:
        found.append(Lead.customer_id == wanted.customer_id)
    if wanted.due:
        found.append(_due(wanted.due, now))
    if wanted.q:
        found.append(_named(wanted.q))
    return found


def _due(word: str, now: datetime) -> ColumnElement[bool]:
    with_dealer = Lead.status.in_(WITH_DEALER)
    if word == "overdue":
        return and_(with_dealer, Lead.feedback_due_at < now)
    if word == "soon":
        return and_(with_dealer, Lead.feedback_due_at >= now, Lead.feedback_due_at < now + SOON)
    if word == "stuck":
        return stuck()
    if word == "call":
        subject = literal("lead/") + cast(Lead.id, String) + "/%"
        open_call = select(CareTask.id).where(
            CareTask.customer_id == Lead.customer_id, CareTask.status == "open", CareTask.subject.like(subject)
        )
        return and_(Lead.status == LeadStatus.NURTURE, open_call.exists())
    return false()


def _named(text: str) -> ColumnElement[bool]:
    """By number of the lead, telephone, name, pinyin, model or wish."""
    clean = storable(text.strip(), 80)
    e164 = to_e164(clean)
    if e164:
        own = select(CustomerPhone.id).where(CustomerPhone.customer_id == Lead.customer_id, CustomerPhone.e164 == e164)
        return own.exists()
    return or_(
        Lead.number.icontains(clean, autoescape=True),
        Customer.name.contains(clean, autoescape=True),
        Customer.name_pinyin.startswith(clean.lower(), autoescape=True),
        Lead.model.icontains(clean, autoescape=True),
        Lead.wish.icontains(clean, autoescape=True),
    )
