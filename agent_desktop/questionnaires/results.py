"""The results of a questionnaire as its pages show them: figures, bars, groups, trend, comments, the list behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, tzinfo
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.dealers.model import Dealer
from crm_core.errors import NotFound
from crm_core.questionnaires.queries import asked, draft_of, questionnaire_of
from crm_core.questionnaires.questions import Content, Kind, Question
from crm_core.questionnaires.stored import load
from reports import questionnaire_results as counted
from reports.campaigns import QuestionBars
from reports.metrics import Ratio
from reports.questionnaire_results import Comment, Group, ResponseLine, Totals, Wanted

PERIODS = (7, 30, 90, 365)
SCALES = {Kind.RATING: (1, 2, 3, 4, 5), Kind.NPS: tuple(range(11))}
NONE = QuestionBars(question="", values={}, choices={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What stands in the address. `which` chooses the list behind, `by` the groups."""

    days: int = 30
    campaign: int = 0
    dealer: int = 0
    how: str = ""
    by: str = "dealer"
    which: str = "low"

    def link(self, **changes: object) -> str:
        """The query of the same page with something else chosen."""
        values = {name: getattr(self, name) for name in self.__slots__} | changes
        return "?" + urlencode({name: value for name, value in values.items() if value not in ("", 0)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    content: Content
    wanted: Wanted
    totals: Totals
    before: Totals
    bars: dict[str, QuestionBars]
    rating: Question | None
    rating_before: Ratio
    nps: Question | None
    groups: list[Group]
    trend: list[tuple[date, Ratio]]
    comments: list[Comment]
    lines: list[ResponseLine]

    def of(self, question: Question | None) -> QuestionBars:
        return self.bars.get(question.id, NONE) if question else NONE


async def content_of(session: AsyncSession, questionnaire: int) -> Content:
    """What is in force, else the draft. Raises NotFound."""
    await questionnaire_of(session, questionnaire)
    found = await asked(session, questionnaire)
    draft = None if found else await draft_of(session, questionnaire)
    if found is None and draft is None:
        raise NotFound("There is no such questionnaire.")
    return found.content if found else load(draft.content if draft else {})


async def results(session: AsyncSession, wanted: Wanted, chosen: Chosen, zone: tzinfo) -> Results:
    content = await content_of(session, wanted.questionnaire)
    rating = next((one for one in content.questions if one.kind is Kind.RATING), None)
    earlier = replace(wanted, start=wanted.start - (wanted.end - wanted.start), end=wanted.start)
    compared = rating.id if rating else ""
    then = (await counted.bars(session, earlier)).get(compared, NONE)
    return Results(
        content=content,
        wanted=wanted,
        totals=await counted.totals(session, wanted),
        before=await counted.totals(session, earlier),
        bars=await counted.bars(session, wanted),
        rating=rating,
        rating_before=then.top,
        nps=next((one for one in content.questions if one.kind is Kind.NPS), None),
        groups=await counted.groups(session, wanted, chosen.by, compared),
        trend=await counted.trend(session, wanted, compared, zone),
        comments=await counted.comments(session, wanted),
        lines=await counted.lines(session, wanted, chosen.which),
    )


def trend_points(trend: list[tuple[date, Ratio]], width: float, height: float) -> str:
    """SVG points, 0 to 100 % over the height; days lie at their distance. "" for fewer than two."""
    if len(trend) < 2:
        return ""
    first, last = trend[0][0], trend[-1][0]
    span = (last - first).days
    return " ".join(
        f"{round((day - first).days / span * width, 1)},{round(height - (ratio.value or 0) * height, 1)}"
        for day, ratio in trend
    )


async def campaigns_of(session: AsyncSession, questionnaire: int) -> list[tuple[int, str]]:
    rows = await session.execute(
        select(Campaign.id, Campaign.name)
        .where(Campaign.questionnaire_id == questionnaire)
        .order_by(Campaign.created_at.desc())
        .limit(100)
    )
    return [(key, name) for key, name in rows]


async def dealers_of(session: AsyncSession) -> list[tuple[int, str]]:
    rows = await session.execute(select(Dealer.id, Dealer.short_name).order_by(Dealer.short_name))
    return [(key, name) for key, name in rows]
