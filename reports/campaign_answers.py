"""What the figures of a campaign's answers are counted from: by question, by dealer, in all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.dealers.model import Dealer
from crm_core.questionnaires.model import Answer, Response
from reports.campaigns import DealerLine, MonthChange, QuestionBars, two_months


async def questions(session: AsyncSession, campaign: int) -> list[QuestionBars]:
    """All answers of the campaign, by question; comments are not counted here."""
    found = await bars_where(session, Response.campaign_id == campaign)
    return [found[name] for name in sorted(found)]


async def bars_where(session: AsyncSession, *conditions: ColumnElement[bool]) -> dict[str, QuestionBars]:
    """The answers of the responses that fit, by question, over all versions: a question whose words are bettered keeps
    its id."""
    rows = await session.execute(
        select(Answer.question, Answer.value, Answer.choice, func.count())
        .join(Response, Response.id == Answer.response_id)
        .where(*conditions)
        .group_by(Answer.question, Answer.value, Answer.choice)
    )
    values: dict[str, dict[int, int]] = {}
    choices: dict[str, dict[str, int]] = {}
    for question, value, choice, count in rows:
        if value is not None:
            told = values.setdefault(question, {})
            told[value] = told.get(value, 0) + count
        elif choice:
            choices.setdefault(question, {})[choice] = count
    return {
        name: QuestionBars(question=name, values=values.get(name, {}), choices=choices.get(name, {}))
        for name in values.keys() | choices.keys()
    }


async def month_changes(session: AsyncSession, campaign: int, at: datetime, zone: tzinfo) -> dict[str, MonthChange]:
    """By question: the answers of the site's running month beside those of the month before."""
    last, this = two_months(at, zone)
    ours = Response.campaign_id == campaign
    now = await bars_where(session, ours, Answer.at >= this)
    before = await bars_where(session, ours, Answer.at >= last, Answer.at < this)
    return {name: MonthChange(now=now[name], before=before[name]) for name in now.keys() & before.keys()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCounts:
    began: int = 0
    complete: int = 0
    low: int = 0
    cases: int = 0


async def responses(session: AsyncSession, campaigns: Collection[int]) -> dict[int, ResponseCounts]:
    rows = await session.execute(
        select(
            Response.campaign_id,
            func.count(),
            func.count(case((Response.result == "complete", 1))),
            func.count(case((Response.low.is_(True), 1))),
            func.count(Response.case_id),
        )
        .where(Response.campaign_id.in_(campaigns))
        .group_by(Response.campaign_id)
    )
    return {
        campaign: ResponseCounts(began=began, complete=complete, low=low, cases=cases)
        for campaign, began, complete, low, cases in rows
        if campaign is not None
    }


async def dealers(session: AsyncSession, campaign: int, question: str) -> list[DealerLine]:
    """Complete responses by dealer; `question` is the one whose two best answers are counted."""
    rated = and_(Answer.response_id == Response.id, Answer.question == question, Answer.value.is_not(None))
    rows = await session.execute(
        select(
            Dealer.id,
            Dealer.short_name,
            func.count(),
            func.count(Answer.value),
            func.count(case((Answer.value >= 4, 1))),
            func.count(case((Response.low.is_(True), 1))),
        )
        .select_from(Response)
        .join(Dealer, Dealer.id == Response.dealer_id)
        .outerjoin(Answer, rated)
        .where(Response.campaign_id == campaign, Response.result == "complete")
        .group_by(Dealer.id, Dealer.short_name)
    )
    return [
        DealerLine(dealer_id=key, name=name, responses=count, rated=rated_, top=top, low=low)
        for key, name, count, rated_, top, low in rows
    ]
