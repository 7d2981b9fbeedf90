"""Speaks what customers are asked when it is saved or published, so that no caller waits for a voice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.runner import Due, Handler
from crm_core.questionnaires.queries import in_force
from crm_core.questionnaires.saying import sentences
from crm_core.questionnaires.stored import load
from crm_core.surveys.settings import survey_of
from crm_core.workforce.queries import queues
from ivr.question_prompts import NotSpoken, lacking, speak

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=10)  # a prompts folder that was emptied is filled again


def question_speaker(prompts: Path) -> Handler:
    """The handler of crm_core.surveys.settings.PROMPTS: the questions of every queue."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        texts: dict[str, list[str]] = {"zh-CN": [], "en": []}
        for row in await queues(session):
            for question in (await survey_of(session, row.id)).questions:
                texts["zh-CN"].append(question.zh)
                texts["en"].append(question.en)
        await _spoken(prompts, texts)
        return at + EVERY

    return handle


def questionnaire_speaker(prompts: Path) -> Handler:
    """The handler of crm_core.questionnaires.actions.SPEAKING: every version in force, marked when it is spoken."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        for version in await in_force(session):
            spoken = await _spoken(prompts, sentences(load(version.content)))
            version.spoken_at = (version.spoken_at or at) if spoken else None
        return at + EVERY

    return handle


async def _spoken(prompts: Path, texts: Mapping[str, Sequence[str]]) -> bool:
    """Make what is lacking; whether all of it can be heard now."""
    if not lacking(prompts, texts):
        return True
    try:
        made = await asyncio.to_thread(speak, prompts, texts)
        log.info("questions_spoken", files=made)
    except NotSpoken as failed:
        log.error("questions_not_spoken", reason=str(failed))
        return False
    return True
