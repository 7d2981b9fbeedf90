"""The figures of a week and of the one before, from the same questions that the reports ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.dealers.model import DailyFigures, Dealer
from crm_core.history.model import Contact
from crm_core.leads.model import Lead
from crm_core.questionnaires.model import Response
from crm_core.workforce.model import QueueRow
from reports.further_metrics import FIRST_CONTACT_RESOLUTION
from reports.intervals import queue_intervals
from reports.metrics import ABANDON_RATE, AVERAGE_SPEED_OF_ANSWER, SERVICE_LEVEL, Ratio, total
from reports.periods import Period, Step
from reports.repeat_queries import repeats
from reports.weekly import DealerTrouble, Topic, Week, WeekFigures, Worst

WEEK = timedelta(days=7)
MOST_TOPICS, MOST_WORST, LEAST_OFFERED = 200, 5, 8


async def week_of(session: AsyncSession, monday: date, zone: ZoneInfo, *, now: datetime) -> Week:
    """The seven days from `monday` on, against the seven before."""
    period = _period(monday, zone)
    return Week(
        now=await _figures(session, period, now),
        before=await _figures(session, _period(monday - WEEK, zone), now),
        topics=await _topics(session, period),
        worst=await _worst(session, period),
        dealers=await _dealers(session, period, now),
        target=await _target(session),
    )


def _period(monday: date, zone: ZoneInfo, step: Step = Step.DAY) -> Period:
    return Period(first=monday, last=monday + timedelta(days=6), step=step, zone=zone)


async def _figures(session: AsyncSession, period: Period, now: datetime) -> WeekFigures:
    days = await queue_intervals(session, period)
    whole = total(day.total for day in days)
    found = await repeats(session, period.start, period.end, now=now)
    figures = WeekFigures(
        offered=whole.offered,
        answered=whole.answered,
        abandoned=whole.abandoned - whole.short_abandoned,
        abandon_rate=ABANDON_RATE.of(whole),
        level=SERVICE_LEVEL.of(whole),
        answer_seconds=AVERAGE_SPEED_OF_ANSWER.of(whole),
        resolution=FIRST_CONTACT_RESOLUTION.of(found.total),
        content=await _content(session, period),
        per_day=tuple(day.total.offered for day in days),
    )
    return await _with_leads(session, await _with_cases(session, figures, period, now), period)


async def _content(session: AsyncSession, period: Period) -> Ratio:
    row = await session.execute(
        select(func.count(case((Response.low.is_(False), 1))), func.count()).where(
            Response.began_at >= period.start, Response.began_at < period.end, Response.result == "complete"
        )
    )
    return Ratio(*row.one())


async def _with_cases(session: AsyncSession, figures: WeekFigures, period: Period, now: datetime) -> WeekFigures:
    """Overdue = open past their clock at the end of the week, or now when it is not over."""
    at = min(period.end, now)
    opened = await session.execute(
        select(func.count(), func.count(case((Case.kind == "complaint", 1)))).where(
            Case.opened_at >= period.start, Case.opened_at < period.end
        )
    )
    closed = await session.execute(
        select(func.count(case((Case.closed_at <= Case.due_at, 1))), func.count(Case.due_at), func.count()).where(
            Case.closed_at >= period.start, Case.closed_at < period.end, Case.kind == "complaint"
        )
    )
    late = await session.scalar(select(func.count()).where(_overdue(at)))
    (cases, complaints), (in_time, with_clock, done) = opened.one(), closed.one()
    return replace(
        figures,
        cases_opened=cases,
        complaints_opened=complaints,
        complaints_closed=done,
        complaints_in_time=Ratio(in_time, with_clock),
        overdue=late or 0,
    )


def _overdue(at: datetime) -> ColumnElement[bool]:
    still_open = (Case.closed_at.is_(None)) | (Case.closed_at > at)
    return and_(Case.due_at < at, still_open, Case.due_at > at - timedelta(days=365))


async def _with_leads(session: AsyncSession, figures: WeekFigures, period: Period) -> WeekFigures:
    captured = await session.scalar(
        select(func.count()).where(
            Lead.created_at >= period.start, Lead.created_at < period.end, Lead.status != "invalid"
        )
    )
    won = await session.scalar(
        select(func.count()).where(Lead.closed_at >= period.start, Lead.closed_at < period.end, Lead.status == "won")
    )
    visitors = await session.scalar(
        select(func.sum(DailyFigures.visitors)).where(DailyFigures.day >= period.first, DailyFigures.day <= period.last)
    )
    return replace(figures, leads=captured or 0, won=won or 0, visitors=int(visitors or 0))


async def _topics(session: AsyncSession, period: Period) -> list[Topic]:
    """What the records of inbound contacts say, most frequent first."""
    fresh = func.count(case((Contact.started_at >= period.start, 1))).label("fresh")
    rows = await session.execute(
        select(Contact.kind, Contact.sub_kind, fresh, func.count() - fresh)
        .where(Contact.started_at >= period.start - WEEK, Contact.started_at < period.end)
        .where(Contact.direction == "inbound", Contact.kind != "")
        .group_by(Contact.kind, Contact.sub_kind)
        .order_by(fresh.desc())
        .limit(MOST_TOPICS)
    )
    return [Topic(kind=kind, sub_kind=sub, now=now, before=before) for kind, sub, now, before in rows]


async def _worst(session: AsyncSession, period: Period) -> list[Worst]:
    """Half hours of a queue with the most callers lost, of those with calls enough to say so."""
    halves = await queue_intervals(session, replace(period, step=Step.HALF_HOUR))
    found = [
        Worst(
            queue=queue,
            start=half.span.start,
            offered=counts.offered,
            abandoned=counts.abandoned - counts.short_abandoned,
            level=SERVICE_LEVEL.of(counts).value,
        )
        for half in halves
        for queue, counts in half.queues.items()
        if counts.offered >= LEAST_OFFERED and counts.abandoned > counts.short_abandoned
    ]
    found.sort(key=lambda one: (-one.abandoned, one.level or 0.0, one.start))
    return found[:MOST_WORST]


async def _dealers(session: AsyncSession, period: Period, now: datetime) -> list[DealerTrouble]:
    """Dealers with the most overdue cases at the end of the week."""
    count = func.count()
    rows = await session.execute(
        select(Dealer.short_name, count)
        .join(Case, Case.dealer_id == Dealer.id)
        .where(_overdue(min(period.end, now)))
        .group_by(Dealer.id, Dealer.short_name)
        .having(count >= 2)
        .order_by(count.desc(), Dealer.id)
        .limit(5)
    )
    return [DealerTrouble(dealer=name, overdue=overdue) for name, overdue in rows]


async def _target(session: AsyncSession) -> float | None:
    """The mean of the queues' targets; None without queues."""
    targets: Sequence[int] = list(await session.scalars(select(QueueRow.service_target_percent)))
    return sum(targets) / len(targets) / 100 if targets else None
