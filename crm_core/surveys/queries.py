"""What customers answered: of one contact, of an agent, of queues and agents in a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.history.model import Contact
from crm_core.surveys.model import SurveyRound, SurveyScore
from crm_core.surveys.settings import survey_version

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question in both languages, as it was asked then, with the key that was pressed."""

    agent: str
    question: str
    zh: str
    en: str
    value: int
    low: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`of` is an agent's number or a queue's id. `average` None = no answers.

    `offered` are customers who were invited, `answered` those of them who answered at least one question.
    """

    of: str
    offered: int
    answered: int
    average: float | None
    low: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LowScore:
    contact_id: str
    customer: str
    agent: str
    queue: str
    value: int
    at: datetime


async def answers_of(session: AsyncSession, contact_id: str) -> list[Answered]:
    """In the order in which they were given."""
    rows = select(SurveyScore).where(SurveyScore.contact_id == contact_id).order_by(SurveyScore.at)
    return [await _as_asked(session, row) for row in await session.scalars(rows)]


async def _as_asked(session: AsyncSession, row: SurveyScore) -> Answered:
    survey = await survey_version(session, row.queue, row.version)
    asked = next((one for one in survey.questions if one.id == row.question), None) if survey else None
    return Answered(
        agent=row.agent,
        question=row.question,
        zh=asked.zh if asked else row.question,
        en=asked.en if asked else row.question,
        value=row.value,
        low=row.low,
        at=row.at,
    )


async def averages_of(session: AsyncSession, contacts: Iterable[str]) -> dict[str, float]:
    """The mean of a contact's answers, for those that have any."""
    rows = await session.execute(
        select(SurveyScore.contact_id, func.avg(SurveyScore.value))
        .where(SurveyScore.contact_id.in_(list(contacts)))
        .group_by(SurveyScore.contact_id)
    )
    return {contact: float(mean) for contact, mean in rows}


async def agent_average(session: AsyncSession, agent: str, since: datetime) -> tuple[float | None, int]:
    """The mean of the answers after this agent's talks since then, and how many talks were rated."""
    row = (
        await session.execute(
            select(func.avg(SurveyScore.value), func.count(SurveyScore.leg_id.distinct())).where(
                SurveyScore.agent == agent, SurveyScore.at >= since
            )
        )
    ).one()
    return (float(row[0]) if row[0] is not None else None), int(row[1])


async def scores(
    session: AsyncSession, by: str, start: datetime, end: datetime, *, agents: frozenset[str] | None = None
) -> list[Score]:
    """One row per agent or queue (`by`) of the talks that were rated in [start, end); `agents` restricts whose."""
    rounds, answers = getattr(SurveyRound, by), getattr(SurveyScore, by)
    within: list[Any] = [SurveyRound.offered_at >= start, SurveyRound.offered_at < end]
    if agents is not None:
        within.append(SurveyRound.agent.in_(agents))
    offered: Any = await session.execute(select(rounds, func.count()).where(*within).group_by(rounds))
    rated: Any = await session.execute(
        select(
            answers,
            func.count(SurveyScore.leg_id.distinct()),
            func.avg(SurveyScore.value),
            func.count(SurveyScore.leg_id.distinct()).filter(SurveyScore.low),
        )
        .join(SurveyRound, SurveyRound.leg_id == SurveyScore.leg_id)
        .where(*within)
        .group_by(answers)
    )
    given = {row[0]: row[1:] for row in rated}
    found = [_score(name, count, given.get(name, (0, None, 0))) for name, count in offered]
    return sorted(found, key=lambda one: (one.average is None, one.average or 0.0, one.of))


def _score(name: str, offered: int, given: tuple[int, Any, int]) -> Score:
    answered, mean, low = given
    average = float(mean) if mean is not None else None
    return Score(of=name, offered=offered, answered=answered, average=average, low=low)


async def low_scores(
    session: AsyncSession, start: datetime, end: datetime, *, agents: frozenset[str] | None = None
) -> list[LowScore]:
    """The lowest answer of each contact that alarmed, the latest first; at most `MOST`."""
    statement = (
        select(
            SurveyScore.contact_id,
            SurveyScore.agent,
            SurveyScore.queue,
            func.min(SurveyScore.value).label("value"),
            func.max(SurveyScore.at).label("at"),
            Customer.name,
        )
        .join(Contact, Contact.id == SurveyScore.contact_id)
        .outerjoin(Customer, Customer.id == Contact.customer_id)
        .where(SurveyScore.low, SurveyScore.at >= start, SurveyScore.at < end)
        .group_by(SurveyScore.contact_id, SurveyScore.agent, SurveyScore.queue, Customer.name)
    )
    if agents is not None:
        statement = statement.where(SurveyScore.agent.in_(agents))
    rows = await session.execute(statement.order_by(func.max(SurveyScore.at).desc()).limit(MOST))
    return [
        LowScore(contact_id=row[0], agent=row[1], queue=row[2], value=row.value, at=row.at, customer=row.name or "")
        for row in rows
    ]
