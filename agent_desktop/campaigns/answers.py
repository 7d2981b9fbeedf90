"""What was answered in a campaign, as its board shows it: each question with its bars, and the low answers just in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.history.model import Recording
from crm_core.questionnaires import queries as questionnaires
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.questions import Words
from reports.campaign_answers import questions
from reports.campaigns import QuestionBars

NEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """`topic` is the short name in a chart; `options` the words of each choice, by its id, in order."""

    kind: str
    topic: Words
    bars: QuestionBars
    options: tuple[tuple[str, Words], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LowAnswer:
    """`value` is the lowest rating given. `recording` 0 = there is none (yet); `seconds` None = it is being written."""

    call: str
    customer_id: int
    customer: str
    model: str
    at: datetime
    value: int | None
    said: str
    case: str = ""
    due_at: datetime | None = None
    recording: int = 0
    seconds: float | None = None


async def question_lines(session: AsyncSession, campaign: Campaign) -> tuple[int, list[QuestionLine]]:
    """The version that is asked now (0 = no questions), and its questions in order with all answers of the campaign.

    A question that only an older version had comes last, by its id.
    """
    if campaign.questionnaire_id is None:
        return 0, []
    counted = {one.question: one for one in await questions(session, campaign.id)}
    asked = await questionnaires.asked(session, campaign.questionnaire_id, campaign.questionnaire_version)
    none: dict[Any, int] = {}
    lines = [
        QuestionLine(
            kind=one.kind.value,
            topic=one.topic if one.topic.zh or one.topic.en else one.words,
            bars=counted.pop(one.id, QuestionBars(question=one.id, values=none, choices=none)),
            options=tuple((option.id, option.words) for option in one.options),
        )
        for one in (asked.content.questions if asked else ())
        if one.kind.value != "comment"
    ]
    older = [QuestionLine(kind="", topic=Words(key, key), bars=bars) for key, bars in sorted(counted.items())]
    return asked.version if asked else 0, [*lines, *older]


async def low_answers(session: AsyncSession, campaign: Campaign, lines: Sequence[QuestionLine]) -> list[LowAnswer]:
    """The newest ones, newest first."""
    rows = (
        await session.execute(
            select(Response, Customer.name, Case.number, Case.due_at)
            .join(Customer, Customer.id == Response.customer_id)
            .outerjoin(Case, Case.id == Response.case_id)
            .where(Response.campaign_id == campaign.id, Response.low.is_(True))
            .order_by(Response.began_at.desc(), Response.id.desc())
            .limit(NEWEST)
        )
    ).all()
    ratings = {one.bars.question for one in lines if one.kind in ("rating", "nps")}
    worst, said = await _worst_and_said(session, [response.id for response, *_ in rows], ratings)
    recordings = await _recordings(session, [response.call for response, *_ in rows])
    none = (0, None)
    return [
        LowAnswer(
            call=response.call,
            customer_id=response.customer_id,
            customer=name,
            model=response.model,
            at=response.ended_at or response.began_at,
            value=worst.get(response.id),
            said=said.get(response.id, ""),
            case=number or "",
            due_at=due_at,
            recording=recordings.get(response.call, none)[0],
            seconds=recordings.get(response.call, none)[1],
        )
        for response, name, number, due_at in rows
    ]


async def _worst_and_said(
    session: AsyncSession, responses: Sequence[int], ratings: set[str]
) -> tuple[dict[int, int], dict[int, str]]:
    worst: dict[int, int] = {}
    said: dict[int, str] = {}
    for one in await session.scalars(select(Answer).where(Answer.response_id.in_(responses)).order_by(Answer.at)):
        if one.value is not None and one.question in ratings:
            worst[one.response_id] = min(one.value, worst.get(one.response_id, one.value))
        if one.text:
            said[one.response_id] = one.text
    return worst, said


async def _recordings(session: AsyncSession, calls: Sequence[str]) -> dict[str, tuple[int, float | None]]:
    rows = await session.execute(
        select(Recording.contact_id, Recording.id, Recording.seconds)
        .where(Recording.contact_id.in_(calls), Recording.status == "ready")
        .order_by(Recording.seconds)  # the whole call last, after single comments
    )
    return {contact: (key, seconds) for contact, key, seconds in rows}
