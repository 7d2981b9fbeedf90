"""What the gate must know of a customer, or of a thousand: the same few indexed queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of many customers at once. `zone` is the site's."""

    purpose: Purpose
    channel: Channel
    at: datetime
    zone: tzinfo


Named = Mapping[int, str]
"""Customer to the number that would be used; "" = any of the customer's."""


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
    question = Question(purpose=purpose, channel=channel, at=at, zone=zone)
    return (await gather_many(session, {customer_id: e164}, question, rules))[customer_id]


async def gather_many(
    session: AsyncSession, named: Named, question: Question, rules: ContactRules
) -> dict[int, ContactFacts]:
    """Of at most some thousand customers, in as many queries as of one."""
    purpose, channel = question.purpose, question.channel
    found = select(Customer.id, Customer.merged_into_id, Customer.customer_class).where(Customer.id.in_(named))
    customers = {row.id: row for row in await session.execute(found)}
    by_number = channel in (Channel.PHONE, Channel.SMS)
    answers = await _answers(session, named, question)
    numbers = await _numbers(session, named) if by_number else {}
    reachable = set(named) if by_number else await _reachable(session, named, channel)
    complaints = await _complaints(session, named) if purpose in rules.stopped_by_complaint else {}
    since = question.at - timedelta(days=rules.period_days)
    touches = await touches_of_many(session, named, since, question.at)
    promoted = await _promoted(session, named) if purpose in PROMOTION else {}
    special = await special_days(session, question.at.date())
    told: dict[int, ContactFacts] = {}
    for one in named:
        customer, answer = customers.get(one), answers.get(one)
        if customer is None:
            told[one] = ContactFacts(known=False, purpose=purpose, channel=channel, zone=question.zone)
            continue
        told[one] = ContactFacts(
            purpose=purpose,
            channel=channel,
            zone=question.zone,
            merged=customer.merged_into_id is not None,
            customer_class=customer.customer_class,
            numbers=numbers.get(one, ()),
            reachable=one in reachable,
            consent=answer[0] if answer else None,
            answered_at=answer[1] if answer else None,
            complaint=complaints.get(one, ""),
            touches=touches.get(one, ()),
            promoted_at=promoted.get(one),
            special=special,
        )
    return told


async def _answers(session: AsyncSession, named: Named, question: Question) -> dict[int, tuple[bool, datetime]]:
    """The last of each customer."""
    given = (
        select(Consent.customer_id, Consent.given, Consent.at)
        .where(Consent.customer_id.in_(named), Consent.purpose == question.purpose, Consent.channel == question.channel)
        .order_by(Consent.at, Consent.id)
    )
    return {row.customer_id: (row.given, row.at) for row in await session.execute(given)}


async def _numbers(session: AsyncSession, named: Named) -> dict[int, tuple[NumberFacts, ...]]:
    """The named number, or all of the customer's in their order."""
    wanted = [one for one, number in named.items() if not number]
    own = select(CustomerPhone.customer_id, CustomerPhone.e164).where(CustomerPhone.customer_id.in_(wanted))
    of_customer: dict[int, list[str]] = {one: [number] for one, number in named.items() if number}
    for customer, number in await session.execute(own.order_by(CustomerPhone.position)):
        of_customer.setdefault(customer, []).append(number)
    numbers = {number for some in of_customer.values() for number in some}
    stopped = await session.execute(
        select(DoNotContact.e164, DoNotContact.reason).where(DoNotContact.e164.in_(numbers))
    )
    reasons = {row.e164: row.reason for row in stopped}
    blocked = set(await session.scalars(select(BlockedNumber.e164).where(BlockedNumber.e164.in_(numbers))))
    return {
        customer: tuple(NumberFacts(e164=one, blocked=one in blocked, stopped=reasons.get(one)) for one in some)
        for customer, some in of_customer.items()
    }


async def _reachable(session: AsyncSession, named: Named, channel: Channel) -> set[int]:
    if channel is Channel.POST:
        found = select(CustomerAddress.customer_id).where(CustomerAddress.customer_id.in_(named))
    else:
        found = select(CustomerHandle.customer_id).where(
            CustomerHandle.customer_id.in_(named), CustomerHandle.kind == channel.value
        )
    return set(await session.scalars(found))


async def _complaints(session: AsyncSession, named: Named) -> dict[int, str]:
    """The number of each customer's oldest open one."""
    newest_first = (
        select(Case.customer_id, Case.number)
        .where(Case.customer_id.in_(named), Case.closed_at.is_(None), Case.kind == ContactKind.COMPLAINT)
        .order_by(Case.opened_at.desc(), Case.id.desc())
    )
    return {row.customer_id: row.number for row in await session.execute(newest_first)}


async def touches_of_many(
    session: AsyncSession, named: Iterable[int], start: datetime, at: datetime
) -> dict[int, tuple[datetime, ...]]:
    """Attempts after `start` until `at`, over all departments. What the customer asked for does not count:
    booked callbacks, calls about a case of theirs, and touches for SERVICE."""
    wanted = list(named)
    phone: dict[int, list[datetime]] = {}
    others: dict[int, list[datetime]] = {}
    calls: dict[int, list[datetime]] = {}
    claimed = select(Touch.customer_id, Touch.at, Touch.channel).where(
        Touch.customer_id.in_(wanted), Touch.at > start, Touch.at <= at, Touch.purpose != Purpose.SERVICE
    )
    for customer, when, channel in await session.execute(claimed):
        (phone if channel == Channel.PHONE else others).setdefault(customer, []).append(when)
    placed = select(Contact.customer_id, Contact.started_at).where(
        Contact.customer_id.in_(wanted),
        Contact.started_at > start,
        Contact.started_at <= at,
        Contact.direction == "outbound",
        Contact.case_id.is_(None),
        Contact.id.not_like("cb-%"),
    )
    for row in await session.execute(placed):
        if row.customer_id is not None:
            calls.setdefault(row.customer_id, []).append(row.started_at)
    touched = phone.keys() | others.keys() | calls.keys()
    return {one: attempts(phone.get(one, ()), others.get(one, ()), calls.get(one, ())) for one in touched}


async def _promoted(session: AsyncSession, named: Named) -> dict[int, datetime]:
    latest = select(Touch.customer_id, func.max(Touch.at).label("at")).where(
        Touch.customer_id.in_(named), Touch.purpose.in_(PROMOTION)
    )
    return {row.customer_id: row.at for row in await session.execute(latest.group_by(Touch.customer_id))}


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
