"""Low scores: who leads the agent, and the supervisors, are told at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.runner import Due
from crm_core.notices.actions import notify
from crm_core.notices.people import leaders_of, supervisors
from crm_core.surveys.model import SurveyScore
from crm_core.surveys.settings import survey_version

SCORES = "survey_scores"
EVERY = timedelta(seconds=10)


async def watch_scores(session: AsyncSession, job: Due, at: datetime) -> datetime:
    """The handler of `SCORES`; comes again and again."""
    await tell_of_low_scores(session, at)
    return at + EVERY


async def tell_of_low_scores(session: AsyncSession, at: datetime) -> int:
    """Looks at each new answer once, by the limit of the version that was asked; gives how many contacts were low."""
    fresh = select(SurveyScore).where(SurveyScore.alarm_at.is_(None)).order_by(SurveyScore.at).limit(500)
    low: dict[str, str] = {}
    limits: dict[tuple[str, int], int] = {}
    for answer in await session.scalars(fresh):
        key = (answer.queue, answer.version)
        if key not in limits:
            survey = await survey_version(session, *key)
            limits[key] = survey.low if survey else 0
        answer.alarm_at, answer.low = at, answer.value <= limits[key]
        if answer.low:
            low[answer.contact_id] = answer.agent
    told = 0
    for contact, agent in low.items():
        people = [*await leaders_of(session, agent), *await supervisors(session)]
        told += bool(notify(session, people, "score", contact, "low", at=at))
    return len(low)
