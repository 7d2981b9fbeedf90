"""What the gate must know of a customer, in a few indexed queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TypedDict

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.consent.counting import attempts
from crm_core.consent.decision import ContactFacts, NumberFacts
from crm_core.consent.model import Consent, DoNotContact, Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import HOLIDAY, MOST_DAYS_AHEAD, PROMOTION, WORKDAY, ContactRules
from crm_core.customers.model import BlockedNumber, Customer, CustomerAddress, CustomerHandle, CustomerPhone
from crm_core.history.model import Contact, ContactKind
from crm_core.workforce.hours_model import CalendarDay, CalendarRow


class _Question(TypedDict):
    purpose: Purpose
    channel: Channel
    zone: tzinfo


async def gather(
    session: AsyncSession,
    customer_id: int,
    purpose: Purpose,
    channel: Channel,
    rules: ContactRules,
    *,
    at: datetime,
    zone: tzinfo,
    e164: str = "",
) -> ContactFacts:
    """Everything `decide` asks for, as of `at`."""
    question: _Question = {"purpose": purpose, "channel": channel, "zone": zone}
    found = select(Customer.merged_into_id, Customer.customer_class).where(Customer.id == customer_id)
    customer = (await session.execute(found)).one_or_none()
    if customer is None:
        return ContactFacts(known=False, **question)
    answer = await _answer(session, customer_id, purpose, channel)
    reach_by_number = channel in (Channel.PHONE, Channel.SMS)
    return ContactFacts(
        **question,
        merged=customer.merged_into_id is not None,
        customer_class=customer.customer_class,
        numbers=await _numbers(session, customer_id, e164) if reach_by_number else (),
        reachable=reach_by_number or await _reachable(session, customer_id, channel),
        consent=answer.given if answer else None,
        answered_at=answer.at if answer else None,
        complaint=await _complaint(session, customer_id) if purpose in rules.stopped_by_complaint else "",
        touches=await touches_since(session, customer_id, at - timedelta(days=rules.period_days), at),
        promoted_at=await _promoted_at(session, customer_id) if purpose in PROMOTION else None,
        special=await special_days(session, at.date()),
    )


async def _answer(session: AsyncSession, customer_id: int, purpose: Purpose, channel: Channel) -> Consent | None:
    statement = (
        select(Consent)
        .where(Consent.customer_id == customer_id, Consent.purpose == purpose, Consent.channel == channel)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def _numbers(session: AsyncSession, customer_id: int, e164: str) -> tuple[NumberFacts, ...]:
    own = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer_id).order_by(CustomerPhone.position)
    numbers: Sequence[str] = [e164] if e164 else list(await session.scalars(own))
    if not numbers:
        return ()
    stopped = await session.execute(select(DoNotContact).where(DoNotContact.e164.in_(numbers)))
    reasons = {row.e164: row.reason for row in stopped.scalars()}
    blocked = set(await session.scalars(select(BlockedNumber.e164).where(BlockedNumber.e164.in_(numbers))))
    return tuple(NumberFacts(e164=one, blocked=one in blocked, stopped=reasons.get(one)) for one in numbers)


async def _reachable(session: AsyncSession, customer_id: int, channel: Channel) -> bool:
    if channel is Channel.POST:
        found = select(CustomerAddress.id).where(CustomerAddress.customer_id == customer_id)
    else:
        found = select(CustomerHandle.id).where(
            CustomerHandle.customer_id == customer_id, CustomerHandle.kind == channel.value
        )
    return await session.scalar(found.limit(1)) is not None


async def _complaint(session: AsyncSession, customer_id: int) -> str:
    oldest = (
        select(Case.number)
        .where(Case.customer_id == customer_id, Case.closed_at.is_(None), Case.kind == ContactKind.COMPLAINT)
        .order_by(Case.opened_at)
        .limit(1)
    )
    return await session.scalar(oldest) or ""


async def touches_since(session: AsyncSession, customer_id: int, start: datetime, at: datetime) -> tuple[datetime, ...]:
    """Attempts after `start` until `at`, over all departments. What the customer asked for does not count:
    booked callbacks, calls about a case of theirs, and touches for SERVICE."""
    claimed = await session.execute(
        select(Touch.at, Touch.channel).where(
            Touch.customer_id == customer_id, Touch.at > start, Touch.at <= at, Touch.purpose != Purpose.SERVICE
        )
    )
    touches = [(row.at, row.channel) for row in claimed]
    calls = await session.scalars(
        select(Contact.started_at).where(
            Contact.customer_id == customer_id,
            Contact.started_at > start,
            Contact.started_at <= at,
            Contact.direction == "outbound",
            Contact.case_id.is_(None),
            Contact.id.not_like("cb-%"),
        )
    )
    phone = [one for one, channel in touches if channel == Channel.PHONE]
    others = [one for one, channel in touches if channel != Channel.PHONE]
    return attempts(phone, others, calls)


async def _promoted_at(session: AsyncSession, customer_id: int) -> datetime | None:
    return await session.scalar(
        select(func.max(Touch.at)).where(Touch.customer_id == customer_id, Touch.purpose.in_(PROMOTION))
    )


async def special_days(session: AsyncSession, first: date) -> dict[date, str]:
    """Holidays and swapped workdays of the general calendar, from the day before `first` on."""
    general = select(CalendarRow.id, CalendarRow.entries).order_by(CalendarRow.position, CalendarRow.id)
    rows = (await session.execute(general)).all()
    chosen = next((row.id for row in rows if not row.entries), None)
    if chosen is None:
        return {}
    begin, end = first - timedelta(days=1), first + timedelta(days=MOST_DAYS_AHEAD + 2)
    days = await session.execute(
        select(CalendarDay.day, CalendarDay.kind).where(
            CalendarDay.calendar == chosen,
            CalendarDay.day.between(begin, end),
            CalendarDay.kind.in_(("holiday", "workday")),
        )
    )
    return {row.day: HOLIDAY if row.kind == "holiday" else WORKDAY for row in days}
