"""The tallies behind the scorecard, by dealer and month: one statement for each source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.cases.model import Case, CaseStage
from crm_core.dealers.model import CareTask, DailyFigures, Dealer
from crm_core.dealers.scorecard import Month, Tally
from crm_core.leads.model import Lead, LeadTurn

DEALER_STAGES = ("accept", "name_owner", "solve", "report")  # the steps of the loop that are the dealer's
WINDOW = timedelta(days=30)

_Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
Tallies = dict[str, dict[int, dict[str, Tally]]]
"""Measure -> dealer -> month -> tally."""


async def tallies(session: AsyncSession, months: Sequence[Month], *, now: datetime) -> Tallies:
    """Every dealer of the network: the centre's comparison needs them all; a page shows what its reader may see."""
    found: Tallies = {}
    await _complaints(session, months, found)
    await _stages(session, months, now, found)
    await _leads(session, months, now, found)
    await _care(session, months, now, found)
    await _daily(session, months, now, found)
    return found


async def in_time_lately(session: AsyncSession, *, now: datetime) -> dict[int, Tally]:
    """Steps of complaints that fell due in the last 30 days, and how many were done in time, by dealer."""
    done = func.count().filter(CaseStage.done_at <= CaseStage.due_at)
    rows = await session.execute(
        select(Case.dealer_id, done, func.count())
        .join(CaseStage, CaseStage.case_id == Case.id)
        .where(
            CaseStage.stage.in_(DEALER_STAGES),
            CaseStage.due_at >= now - WINDOW,
            CaseStage.due_at < now,
            Case.dealer_id.is_not(None),
        )
        .group_by(Case.dealer_id)
    )
    found = {dealer: Tally(good, of) for dealer, good, of in rows if dealer is not None}
    for dealer, tally in (await _lead_tallies(session, now)).items():
        found[dealer] = found.get(dealer, Tally()) + tally
    return found


async def names_of_dealers(session: AsyncSession) -> dict[int, Dealer]:
    return {row.id: row for row in await session.scalars(select(Dealer).where(Dealer.active))}


async def _lead_tallies(session: AsyncSession, now: datetime) -> dict[int, Tally]:
    """First words that fell due in the last 30 days, and how many came in time."""
    rows = await session.execute(
        select(LeadTurn.dealer_id, func.count().filter(_IN_TIME), func.count())
        .where(LeadTurn.due_at >= now - WINDOW, LeadTurn.due_at < now, _HAD_ITS_TIME)
        .group_by(LeadTurn.dealer_id)
    )
    return {dealer: Tally(good, of) for dealer, good, of in rows}


_IN_TIME = LeadTurn.first_word_at <= LeadTurn.due_at
_HAD_ITS_TIME = or_(
    LeadTurn.first_word_at.is_not(None), LeadTurn.ended_at.is_(None), LeadTurn.ended_at >= LeadTurn.due_at
)
"""What the centre took back or closed before the time was over says nothing of the dealer."""


def _bucket(column: _Moment, months: Sequence[Month]) -> ColumnElement[int]:
    return case(*[(column < month.end, place) for place, month in enumerate(months)], else_=-1)


def _within(column: _Moment, months: Sequence[Month]) -> ColumnElement[bool]:
    return and_(column >= months[0].start, column < months[-1].end)


def _put(found: Tallies, word: str, dealer: int | None, month: Month, tally: Tally) -> None:
    if dealer is not None:
        found.setdefault(word, {}).setdefault(dealer, {})[month.word] = tally


async def _complaints(session: AsyncSession, months: Sequence[Month], found: Tallies) -> None:
    """Complaints closed in the month: days from opening to closing, in time, the customer's mark."""
    bucket = _bucket(Case.closed_at, months).label("bucket")
    lasted = (func.julianday(Case.closed_at) - func.julianday(Case.opened_at)) * 1.0
    if session.get_bind().dialect.name == "postgresql":
        lasted = func.extract("epoch", Case.closed_at - Case.opened_at) / 86400.0
    rows = await session.execute(
        select(
            Case.dealer_id,
            bucket,
            func.count(),
            func.sum(lasted),
            func.count().filter(Case.closed_at <= Case.due_at),
            func.count(Case.satisfaction),
            func.sum(Case.satisfaction),
        )
        .where(Case.kind == "complaint", Case.dealer_id.is_not(None), _within(Case.closed_at, months))
        .group_by(Case.dealer_id, bucket)
    )
    for dealer, place, count, days, in_time, marked, marks in rows:
        month = months[place]
        _put(found, "complaint_days", dealer, month, Tally(float(days or 0), count))
        _put(found, "closed_in_time", dealer, month, Tally(in_time, count))
        _put(found, "satisfaction", dealer, month, Tally(float(marks or 0), marked))


async def _stages(session: AsyncSession, months: Sequence[Month], now: datetime, found: Tallies) -> None:
    """Steps of complaints due in the month until now, and those done in time."""
    bucket = _bucket(CaseStage.due_at, months).label("bucket")
    rows = await session.execute(
        select(Case.dealer_id, bucket, func.count().filter(CaseStage.done_at <= CaseStage.due_at), func.count())
        .join(CaseStage, CaseStage.case_id == Case.id)
        .where(
            CaseStage.stage.in_(DEALER_STAGES),
            Case.dealer_id.is_not(None),
            _within(CaseStage.due_at, months),
            CaseStage.due_at < now,
        )
        .group_by(Case.dealer_id, bucket)
    )
    for dealer, place, good, of in rows:
        _put(found, "in_time", dealer, months[place], Tally(good, of))


async def _leads(session: AsyncSession, months: Sequence[Month], now: datetime, found: Tallies) -> None:
    """Turns with a lead that began in the month and whose days are over: first word in time, and won so far."""
    bucket = _bucket(LeadTurn.sent_at, months).label("bucket")
    bought = and_(Lead.status == "won", Lead.dealer_id == LeadTurn.dealer_id)
    rows = await session.execute(
        select(LeadTurn.dealer_id, bucket, func.count().filter(_IN_TIME), func.count().filter(bought), func.count())
        .join(Lead, Lead.id == LeadTurn.lead_id)
        .where(_within(LeadTurn.sent_at, months), LeadTurn.due_at < now, _HAD_ITS_TIME)
        .group_by(LeadTurn.dealer_id, bucket)
    )
    for dealer, place, answered, won, of in rows:
        _put(found, "lead_answered", dealer, months[place], Tally(answered, of))
        _put(found, "lead_won", dealer, months[place], Tally(won, of))


async def _care(session: AsyncSession, months: Sequence[Month], now: datetime, found: Tallies) -> None:
    """Care tasks due in the month until yesterday; stopped ones do not count."""
    for month in months:
        last = min(_day(month.end), now.astimezone(month.start.tzinfo).date())
        rows = await session.execute(
            select(CareTask.dealer_id, func.count().filter(CareTask.status == "done"), func.count())
            .where(
                CareTask.dealer_id.is_not(None),
                CareTask.status.not_in(("stopped", "withdrawn")),
                CareTask.due_on >= month.first,
                CareTask.due_on < last,
            )
            .group_by(CareTask.dealer_id)
        )
        for dealer, done, of in rows:
            _put(found, "care_done", dealer, month, Tally(done, of))


async def _daily(session: AsyncSession, months: Sequence[Month], now: datetime, found: Tallies) -> None:
    """Visitors and enquiries per reported day; reported days of the days that have passed."""
    for month in months:
        end = min(_day(month.end), now.astimezone(month.start.tzinfo).date())
        passed = max(0, (end - month.first).days)
        rows = await session.execute(
            select(
                DailyFigures.dealer_id,
                func.sum(DailyFigures.visitors),
                func.sum(DailyFigures.enquiries),
                func.count(),
                func.count().filter(DailyFigures.day < end),
            )
            .where(DailyFigures.day >= month.first, DailyFigures.day < _day(month.end))
            .group_by(DailyFigures.dealer_id)
        )
        for dealer, visitors, enquiries, days, before in rows:
            _put(found, "visitors", dealer, month, Tally(int(visitors), days))
            _put(found, "enquiries", dealer, month, Tally(int(enquiries), days))
            _put(found, "reported", dealer, month, Tally(before, passed))


def _day(moment: datetime) -> date:
    return moment.date()
