"""Speaks the questions of every queue when they are saved, so that no caller waits for a voice."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.runner import Due, Handler
from crm_core.surveys.settings import survey_of
from crm_core.workforce.queries import queues
from ivr.question_prompts import NotSpoken, lacking, speak

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=10)  # a prompts folder that was emptied is filled again


def question_speaker(prompts: Path) -> Handler:
    """The handler of crm_core.surveys.settings.PROMPTS."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        texts: dict[str, list[str]] = {"zh-CN": [], "en": []}
        for row in await queues(session):
            for question in (await survey_of(session, row.id)).questions:
                texts["zh-CN"].append(question.zh)
                texts["en"].append(question.en)
        if lacking(prompts, texts):
            try:
                made = await asyncio.to_thread(speak, prompts, texts)
                log.info("questions_spoken", files=made)
            except NotSpoken as failed:
                log.error("questions_not_spoken", reason=str(failed))
        return at + EVERY

    return handle
