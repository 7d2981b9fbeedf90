"""What the centre does besides answering: campaigns, what customers answered today, complaints that dealers have.

Read from the database for all boards together, never for one watcher: see docs/decisions on the wallboard.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt
from crm_core.campaigns.rules import settings_from
from crm_core.cases.model import Case
from crm_core.dealers.model import Dealer
from crm_core.questionnaires.model import Answer, QuestionnaireVersion, Response
from crm_core.questionnaires.questions import Kind
from crm_core.questionnaires.stored import load
from crm_core.surveys.model import SurveyScore
from reports.campaign_queries import drop_counts, list_counts
from reports.campaigns import QuestionBars

MOST = 12
SHOWN = ("running", "sample", "paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignOnBoard:
    """`done_today` customers were reached today, `left` are still to be called; `drops` of the rolling day, 0 to 1."""

    id: int
    name: str
    status: str
    done_today: int
    left: int
    drops: float | None
    limit_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerOnBoard:
    name: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outreach:
    """`csat` is the mean of the scores given after calls today (1 to 5), `nps` of today's questionnaires (-100 to 100).

    None = nobody answered. `dealers` have the most open complaints first; `open` and `overdue` are of all of them.
    """

    campaigns: tuple[CampaignOnBoard, ...] = ()
    csat: float | None = None
    csat_answers: int = 0
    low: int = 0
    nps: float | None = None
    nps_answers: int = 0
    responses: int = 0
    dealers: tuple[DealerOnBoard, ...] = ()
    open: int = 0
    overdue: int = 0


NOTHING = Outreach()


async def read_outreach(session: AsyncSession, start: datetime, end: datetime, now: datetime) -> Outreach:
    """Today is [start, end)."""
    csat, answers, low = await _scores(session, start, end)
    nps, nps_answers = await _promoters(session, start, end)
    complete = select(func.count()).where(
        Response.began_at >= start, Response.began_at < end, Response.result == "complete"
    )
    dealers = await _dealers(session, now)
    return Outreach(
        campaigns=await _campaigns(session, start, end, now),
        csat=csat,
        csat_answers=answers,
        low=low,
        nps=nps,
        nps_answers=nps_answers,
        responses=await session.scalar(complete) or 0,
        dealers=tuple(dealers[:MOST]),
        open=sum(line.open for line in dealers),
        overdue=sum(line.overdue for line in dealers),
    )


async def _campaigns(
    session: AsyncSession, start: datetime, end: datetime, now: datetime
) -> tuple[CampaignOnBoard, ...]:
    order = case({status: place for place, status in enumerate(SHOWN)}, value=Campaign.status)
    wanted = select(Campaign).where(Campaign.status.in_(SHOWN)).order_by(order, Campaign.id).limit(MOST)
    rows = (await session.scalars(wanted)).all()
    ids = [row.id for row in rows]
    if not ids:
        return ()
    reached = await session.execute(
        select(CampaignAttempt.campaign_id, func.count(CampaignAttempt.entry_id.distinct()))
        .where(CampaignAttempt.campaign_id.in_(ids), CampaignAttempt.result.in_(("answered", "answered_by_voice")))
        .where(CampaignAttempt.placed_at >= start, CampaignAttempt.placed_at < end)
        .group_by(CampaignAttempt.campaign_id)
    )
    done = {row[0]: row[1] for row in reached}
    lists, drops = await list_counts(session, ids), await drop_counts(session, ids, now)
    return tuple(
        CampaignOnBoard(
            id=row.id,
            name=row.name,
            status=row.status,
            done_today=done.get(row.id, 0),
            left=lists[row.id].left if row.id in lists else 0,
            drops=drops[row.id][0] / drops[row.id][1] if row.id in drops and drops[row.id][1] else None,
            limit_percent=settings_from(row.settings).abandon_limit_percent,
        )
        for row in rows
    )


async def _scores(session: AsyncSession, start: datetime, end: datetime) -> tuple[float | None, int, int]:
    """The mean, how many, and how many low ones."""
    low = func.count(case((SurveyScore.low.is_(True), 1)))
    asked = select(func.avg(SurveyScore.value), func.count(), low)
    mean, count, bad = (await session.execute(asked.where(SurveyScore.at >= start, SurveyScore.at < end))).one()
    return (float(mean) if mean is not None else None), count, bad


async def _promoters(session: AsyncSession, start: datetime, end: datetime) -> tuple[float | None, int]:
    """The net promoter score of all NPS questions that were answered today, and how many answers that are."""
    rows = (
        await session.execute(
            select(Response.questionnaire_id, Response.version, Answer.question, Answer.value, func.count())
            .join(Answer, Answer.response_id == Response.id)
            .where(Response.began_at >= start, Response.began_at < end, Answer.value.is_not(None))
            .group_by(Response.questionnaire_id, Response.version, Answer.question, Answer.value)
        )
    ).all()
    asked = await _nps_questions(session, {(row[0], row[1]) for row in rows})
    values: dict[int, int] = {}
    for questionnaire, version, question, value, count in rows:
        if value is not None and (questionnaire, version, question) in asked:
            values[value] = values.get(value, 0) + count
    return QuestionBars(question="", values=values, choices={}).nps, sum(values.values())


async def _nps_questions(session: AsyncSession, versions: set[tuple[int, int]]) -> set[tuple[int, int, str]]:
    found = set()
    for questionnaire, number in versions:
        content = await session.scalar(
            select(QuestionnaireVersion.content).where(
                QuestionnaireVersion.questionnaire_id == questionnaire, QuestionnaireVersion.number == number
            )
        )
        for question in load(content).questions if content else ():
            if question.kind is Kind.NPS:
                found.add((questionnaire, number, question.id))
    return found


async def _dealers(session: AsyncSession, now: datetime) -> list[DealerOnBoard]:
    late = func.count(case((Case.due_at < now, 1)))
    rows = await session.execute(
        select(Dealer.short_name, func.count(), late)
        .join(Dealer, Dealer.id == Case.dealer_id)
        .where(Case.kind == "complaint", Case.closed_at.is_(None))
        .group_by(Dealer.id, Dealer.short_name)
        .order_by(late.desc(), func.count().desc(), Dealer.id)
    )
    return [DealerOnBoard(name=name, open=count, overdue=overdue) for name, count, overdue in rows]
