"""What was answered to a questionnaire in a period: counted in the database, by question, dealer, person and model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.dealers.model import Dealer
from crm_core.questionnaires.model import Answer, Response, ResponseLink
from reports.campaign_answers import bars_where
from reports.campaigns import LEAST_TO_RANK, QuestionBars
from reports.metrics import Ratio

GROUPS = ("dealer", "adviser", "agent", "model")
WHICH = ("all", "low", "complete", "broken")
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Responses that began in [start, end); 0 and "" = all."""

    questionnaire: int
    start: datetime
    end: datetime
    campaign: int = 0
    dealer: int = 0
    how: str = ""
    reach: Reach = EVERYTHING

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        found = [
            Response.questionnaire_id == self.questionnaire,
            Response.began_at >= self.start,
            Response.began_at < self.end,
            self.reach.condition(Response.dealer_id),
        ]
        if self.campaign:
            found.append(Response.campaign_id == self.campaign)
        if self.dealer:
            found.append(Response.dealer_id == self.dealer)
        if self.how:
            found.append(Response.how == self.how)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`unopened` are links that were sent in the period and never opened: those customers were asked, too."""

    began: int = 0
    complete: int = 0
    declined: int = 0
    low: int = 0
    cases: int = 0
    unopened: int = 0

    @property
    def rate(self) -> Ratio:
        """The response rate: complete ones of all who were asked."""
        return Ratio(self.complete, self.began + self.unopened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`key` is an id or a name; `top` counts 4 and 5 among the `rated` answers to the rating that is compared."""

    key: str
    name: str
    responses: int
    rated: int
    top: int
    low: int

    @property
    def share(self) -> float | None:
        return self.top / self.rated if self.rated else None

    @property
    def ranked(self) -> bool:
        return self.responses >= LEAST_TO_RANK


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    response: Response
    customer: str
    dealer: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    response: int
    call: str
    customer_id: int
    customer: str
    at: datetime
    question: str
    text: str
    text_state: str
    sound: str
    low: bool


async def totals(session: AsyncSession, wanted: Wanted) -> Totals:
    row = (
        await session.execute(
            select(
                func.count(),
                func.count(case((Response.result == "complete", 1))),
                func.count(case((Response.result == "declined", 1))),
                func.count(case((Response.low.is_(True), 1))),
                func.count(Response.case_id),
            ).where(*wanted.conditions)
        )
    ).one()
    began, complete, declined, low, cases = row
    unopened = await _unopened(session, wanted) if wanted.how in ("", "link") else 0
    return Totals(began=began, complete=complete, declined=declined, low=low, cases=cases, unopened=unopened)


async def _unopened(session: AsyncSession, wanted: Wanted) -> int:
    statement = (
        select(func.count())
        .select_from(ResponseLink)
        .join(CampaignEntry, CampaignEntry.id == ResponseLink.entry_id)
        .join(Campaign, Campaign.id == CampaignEntry.campaign_id)
        .where(Campaign.questionnaire_id == wanted.questionnaire, ResponseLink.opened_at.is_(None))
        .where(ResponseLink.made_at >= wanted.start, ResponseLink.made_at < wanted.end)
        .where(wanted.reach.condition(CampaignEntry.dealer_id))
    )
    if wanted.campaign:
        statement = statement.where(Campaign.id == wanted.campaign)
    if wanted.dealer:
        statement = statement.where(CampaignEntry.dealer_id == wanted.dealer)
    return await session.scalar(statement) or 0


async def bars(session: AsyncSession, wanted: Wanted) -> dict[str, QuestionBars]:
    return await bars_where(session, *wanted.conditions)


async def groups(session: AsyncSession, wanted: Wanted, by: str, question: str) -> list[Group]:
    """Complete responses by whose work was judged; those with enough answers by their share first, best first."""
    key = {"dealer": Dealer.id, "adviser": Response.adviser, "agent": Response.agent, "model": Response.model}[by]
    name = Dealer.short_name if by == "dealer" else key
    rated = and_(Answer.response_id == Response.id, Answer.question == question, Answer.value.is_not(None))
    rows = await session.execute(
        select(
            key,
            name,
            func.count(),
            func.count(Answer.value),
            func.count(case((Answer.value >= 4, 1))),
            func.count(case((Response.low.is_(True), 1))),
        )
        .select_from(Response)
        .outerjoin(Dealer, Dealer.id == Response.dealer_id)
        .outerjoin(Answer, rated)
        .where(*wanted.conditions, Response.result == "complete")
        .group_by(key, name)
    )
    found = [
        Group(key=str(one), name=str(shown), responses=count, rated=rated_, top=top, low=low)
        for one, shown, count, rated_, top, low in rows
        if one
    ]
    return sorted(found, key=lambda one: (not one.ranked, -(one.share or 0) if one.ranked else 0, -one.responses))


async def trend(session: AsyncSession, wanted: Wanted, question: str, zone: tzinfo) -> list[tuple[date, Ratio]]:
    """The share of 4 and 5 on each day of the site on which somebody rated."""
    rows = await session.execute(
        select(Response.began_at, Answer.value)
        .join(Answer, and_(Answer.response_id == Response.id, Answer.question == question))
        .where(*wanted.conditions, Answer.value.is_not(None))
    )
    days: dict[date, list[int]] = {}
    for began, value in rows:
        days.setdefault(began.astimezone(zone).date(), []).append(value or 0)
    return [(day, Ratio(sum(one >= 4 for one in days[day]), len(days[day]))) for day in sorted(days)]


async def lines(session: AsyncSession, wanted: Wanted, which: str, *, most: int = MOST) -> list[ResponseLine]:
    """The responses behind a figure, the newest first."""
    more: dict[str, ColumnElement[bool]] = {
        "low": Response.low.is_(True),
        "complete": Response.result == "complete",
        "broken": Response.result == "",
    }
    rows = await session.execute(
        select(Response, Customer.name, Dealer.short_name, Case.number)
        .join(Customer, Customer.id == Response.customer_id)
        .outerjoin(Dealer, Dealer.id == Response.dealer_id)
        .outerjoin(Case, Case.id == Response.case_id)
        .where(*wanted.conditions, *([more[which]] if which in more else []))
        .order_by(Response.began_at.desc(), Response.id.desc())
        .limit(most)
    )
    return [
        ResponseLine(response=row, customer=customer, dealer=dealer or "", case=number or "")
        for row, customer, dealer, number in rows
    ]


async def given(session: AsyncSession, responses: list[int]) -> dict[int, dict[str, Answer]]:
    """The answers of these responses, by question."""
    found: dict[int, dict[str, Answer]] = {}
    for one in await session.scalars(select(Answer).where(Answer.response_id.in_(responses))):
        found.setdefault(one.response_id, {})[one.question] = one
    return found


async def comments(session: AsyncSession, wanted: Wanted, *, most: int = 30) -> list[Comment]:
    """What was written or said, the newest first."""
    rows = await session.execute(
        select(Response, Answer, Customer.name)
        .join(Answer, Answer.response_id == Response.id)
        .join(Customer, Customer.id == Response.customer_id)
        .where(*wanted.conditions, (Answer.text != "") | (Answer.sound != ""))
        .order_by(Answer.at.desc())
        .limit(most)
    )
    return [
        Comment(
            response=row.id, call=row.call, customer_id=row.customer_id, customer=name, at=one.at,
            question=one.question, text=one.text, text_state=one.text_state, sound=one.sound, low=row.low,
        )
        for row, one, name in rows
    ]  # fmt: skip
