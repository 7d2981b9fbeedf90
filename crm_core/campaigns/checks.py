"""What is wrong with a campaign as it was typed: its ways, its queue, its questions, its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.campaigns.rules import IN_NAME_OF, MODES, WITH_AGENTS, problems
from crm_core.consent.purposes import Purpose
from crm_core.db import storable
from crm_core.errors import Invalid
from crm_core.questionnaires.model import Questionnaire, QuestionnaireVersion
from crm_core.workforce.model import QueueRow

ASKING = ("voice", "link")
"""Modes that are nothing without questions."""


async def campaign_problems(session: AsyncSession, typed: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    wrong: list[Invalid] = []
    name = " ".join(storable(str(typed.get("name") or ""), 200).split())
    if not name or len(name) > 60:
        wrong.append(Invalid("Write a name of at most {most} signs.", most=60, field="name"))
    if typed.get("mode") not in MODES:
        wrong.append(Invalid("Choose from the list.", field="mode"))
    if typed.get("purpose") not in {one.value for one in Purpose}:
        wrong.append(Invalid("Choose from the list.", field="purpose"))
    if (typed.get("in_name_of") or "centre") not in IN_NAME_OF:
        wrong.append(Invalid("Choose from the list.", field="in_name_of"))
    wrong += await _queue_problems(session, typed)
    wrong += await _question_problems(session, typed)
    settings = typed.get("settings")
    return wrong + (problems(settings) if isinstance(settings, Mapping) else [])


async def _queue_problems(session: AsyncSession, typed: Mapping[str, Any]) -> list[Invalid]:
    queue = str(typed.get("queue") or "")
    if typed.get("mode") in WITH_AGENTS and not queue:
        return [Invalid("Choose the queue whose agents talk to the customers.", field="queue")]
    if typed.get("mode") in ASKING and queue:
        return [Invalid("Nobody of a queue talks in this mode. Leave it empty.", field="queue")]
    known = not queue or await session.scalar(select(QueueRow.id).where(QueueRow.id == queue)) is not None
    return [] if known else [Invalid("Choose from the list.", field="queue")]


async def _question_problems(session: AsyncSession, typed: Mapping[str, Any]) -> list[Invalid]:
    chosen, version = typed.get("questionnaire_id"), typed.get("questionnaire_version") or 0
    if not chosen:
        if typed.get("mode") not in ASKING:
            return []
        return [Invalid("Choose the questions: this mode has nothing else.", field="questionnaire_id")]
    row = await session.get(Questionnaire, chosen)
    if row is None:
        return [Invalid("Choose from the list.", field="questionnaire_id")]
    if not version and not row.published:
        return [Invalid("Publish these questions first: they have no version in force.", field="questionnaire_id")]
    if version:
        there = select(QuestionnaireVersion.id).where(
            QuestionnaireVersion.questionnaire_id == chosen, QuestionnaireVersion.number == version
        )
        if await session.scalar(there.where(QuestionnaireVersion.state != "draft")) is None:
            return [Invalid("Choose from the list.", field="questionnaire_version")]
    return []


async def is_spoken(session: AsyncSession, row: Campaign) -> bool:
    """Whether a machine can ask the campaign's questions: True for all that agents ask, too."""
    if row.mode != "voice" or row.questionnaire_id is None:
        return True
    version = select(QuestionnaireVersion.spoken_at).where(
        QuestionnaireVersion.questionnaire_id == row.questionnaire_id
    )
    if row.questionnaire_version:
        version = version.where(QuestionnaireVersion.number == row.questionnaire_version)
    else:
        version = version.where(QuestionnaireVersion.state == "published")
    return await session.scalar(version) is not None
