"""The questions of each queue as they hold now, and saving new ones: versioned, under all their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import NotFound
from crm_core.jobs.actions import schedule
from crm_core.surveys.rules import Survey, problems, state_of, survey_from
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import QueueRow, WorkforceVersion

KIND = "survey"
PROMPTS = "survey_prompts"
"""The job that speaks the questions; see hotline.survey_prompts."""


async def survey_versions(session: AsyncSession, queue: str, *, limit: int = 5) -> list[tuple[int, Survey]]:
    """(number, questions) of the last saves, the newest first; [] = none was ever made for this queue."""
    rows = await session.execute(
        select(WorkforceVersion.number, WorkforceVersion.after)
        .where(WorkforceVersion.kind == KIND, WorkforceVersion.subject == queue)
        .order_by(WorkforceVersion.number.desc())
        .limit(limit)
    )
    return [(number, survey_from(after)) for number, after in rows if after]


async def survey_of(session: AsyncSession, queue: str) -> Survey:
    """What holds now; a queue that nobody made questions for asks none."""
    found = await survey_versions(session, queue, limit=1)
    return found[0][1] if found else Survey()


async def survey_version(session: AsyncSession, queue: str, number: int) -> Survey | None:
    after = await session.scalar(
        select(WorkforceVersion.after).where(
            WorkforceVersion.kind == KIND, WorkforceVersion.subject == queue, WorkforceVersion.number == number
        )
    )
    return survey_from(after) if after else None


async def save_survey(
    session: AsyncSession, queue: str, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In effect for calls that end from the moment at which its questions are spoken. Unusable, SavedMeanwhile."""
    if await session.get(QueueRow, queue) is None:
        raise NotFound("There is no such queue.")
    wrong = problems(state)
    if wrong:
        raise Unusable(wrong)
    before = state_of(await survey_of(session, queue))
    after = state_of(survey_from(state))
    saved = await versions.record(session, KIND, queue, before=before, after=after, actor=actor, at=at, base=base)
    await schedule(session, PROMPTS, "site", at)
    return saved
