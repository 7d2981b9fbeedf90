"""Making, saving, publishing and going back. Whoever is being asked keeps the version that was begun with.

A version that was put in force is asked at once; without an agent as soon as it is spoken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.drafting import Deeds, Drafting
from crm_core.jobs.actions import schedule
from crm_core.questionnaires.checks import Problem, errors, problems
from crm_core.questionnaires.queries import QUESTIONNAIRES
from crm_core.questionnaires.questions import Content
from crm_core.questionnaires.stored import load, store

SPEAKING = "questionnaire_prompts"
"""The job that speaks what was published; see hotline.survey_prompts."""


def _names(content: Content) -> tuple[str, str]:
    return content.title.zh, content.title.en


def _errors(content: Content) -> Sequence[Problem]:
    return errors(problems(content))


async def _speak(session: AsyncSession, at: datetime) -> None:
    await schedule(session, SPEAKING, "site", at)


_DEEDS = Deeds(
    subject="questionnaire",
    saved="questionnaire_saved",
    published="questionnaire_published",
    again="questionnaire_published_again",
    dropped="questionnaire_dropped",
    removed="questionnaire_removed",
)
_DRAFTING = Drafting(
    versions=QUESTIONNAIRES, deeds=_DEEDS, load=load, store=store, names=_names, problems=_errors, follows=_speak
)
create, save_draft, drop_draft = _DRAFTING.create, _DRAFTING.save_draft, _DRAFTING.drop_draft
publish, publish_again, archive = _DRAFTING.publish, _DRAFTING.publish_again, _DRAFTING.archive
