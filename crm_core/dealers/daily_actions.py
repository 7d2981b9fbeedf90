"""Reporting a day's showroom visitors and telephone enquiries, correcting them, and being reminded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.reach import Reach
from crm_core.db import storable
from crm_core.dealers.daily_rules import due_at, problems
from crm_core.dealers.model import DailyFigures, Dealer
from crm_core.dealers.network_model import FiguresChange
from crm_core.dealers.rules_actions import rules_of
from crm_core.errors import Invalid, Refused
from crm_core.integration.outbox import tell
from crm_core.jobs.runner import Due
from crm_core.workforce.fields import Unusable

REMINDED_BEFORE = timedelta(hours=1)
REMINDER = "daily_report_reminder"


async def report_day(
    session: AsyncSession,
    dealer_id: int,
    day: date,
    visitors: int | None,
    enquiries: int | None,
    *,
    reason: str = "",
    zone: tzinfo,
    reach: Reach,
    actor: str,
    at: datetime,
) -> DailyFigures:
    """The figures of a day; for a day that was reported already a correction, which needs its reason.

    Raises Unusable for what cannot be meant, Refused when somebody reported the day at the same moment.
    """
    reach.require(dealer_id)
    wrong = problems(day, at.astimezone(zone).date(), visitors, enquiries)
    if wrong or visitors is None or enquiries is None:
        raise Unusable(wrong)
    row = await session.scalar(
        select(DailyFigures).where(DailyFigures.dealer_id == dealer_id, DailyFigures.day == day).with_for_update()
    )
    if row is None:
        row = await _first_report(session, dealer_id, day, visitors, enquiries, actor=actor, at=at)
    elif (row.visitors, row.enquiries) == (visitors, enquiries):
        return row
    else:
        _correct(session, row, visitors, enquiries, reason=reason, actor=actor, at=at)
    facts = {"dealer": dealer_id, "day": day.isoformat(), "visitors": visitors, "enquiries": enquiries}
    await tell(session, "dealer.figures", f"dealer/{dealer_id}", facts, at=at)
    detail = noting(visitors=visitors, enquiries=enquiries, reason=storable(reason, 120))
    subject = f"dealer/{dealer_id}/{day.isoformat()}"
    await audit(session, at=at, actor=actor, action="figures_reported", subject=subject, detail=detail)
    return row


async def _first_report(
    session: AsyncSession, dealer_id: int, day: date, visitors: int, enquiries: int, *, actor: str, at: datetime
) -> DailyFigures:
    row = DailyFigures(
        dealer_id=dealer_id, day=day, visitors=visitors, enquiries=enquiries, reported_at=at, reported_by=actor
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Refused("A colleague reported this day at the same moment. Load the page again.") from None
    return row


def _correct(
    session: AsyncSession,
    row: DailyFigures,
    visitors: int,
    enquiries: int,
    *,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    if not reason.strip():
        raise Invalid("Say why the figures change.", field="reason")
    change = FiguresChange(dealer_id=row.dealer_id, day=row.day, at=at, by=actor, reason=storable(reason.strip(), 120))
    change.visitors_before, change.enquiries_before = row.visitors, row.enquiries
    change.visitors, change.enquiries = visitors, enquiries
    session.add(change)
    row.visitors, row.enquiries = visitors, enquiries


def reminder(zone: tzinfo) -> Callable[[AsyncSession, Due, datetime], Awaitable[datetime | None]]:
    """The job's handler: an hour before the hour, dealers without today's figures are told of; daily."""

    async def remind(session: AsyncSession, _due: Due, at: datetime) -> datetime:
        rules, _ = await rules_of(session)
        today = at.astimezone(zone).date()
        deadline = due_at(today, rules.report_until, zone)
        if deadline - REMINDED_BEFORE <= at < deadline:
            await _tell_missing(session, today, deadline, at)
        following = (
            deadline if at < deadline - REMINDED_BEFORE else due_at(today + timedelta(days=1), rules.report_until, zone)
        )
        return following - REMINDED_BEFORE

    return remind


async def _tell_missing(session: AsyncSession, today: date, deadline: datetime, at: datetime) -> None:
    reported = select(DailyFigures.dealer_id).where(DailyFigures.day == today)
    rows = await session.execute(
        select(Dealer.id, Dealer.code).where(Dealer.active, Dealer.id.not_in(reported)).order_by(Dealer.id)
    )
    for dealer_id, code in rows:
        facts = {"code": code, "day": today.isoformat(), "until": deadline.isoformat()}
        await tell(session, "dealer.figures_due", f"dealer/{dealer_id}", facts, at=at)
