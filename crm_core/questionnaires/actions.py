"""Making, saving, publishing and going back. Whoever is being asked keeps the version that was begun with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import NotFound, Refused
from crm_core.jobs.actions import schedule
from crm_core.questionnaires.checks import Problem, errors, problems
from crm_core.questionnaires.model import Questionnaire, QuestionnaireVersion
from crm_core.questionnaires.queries import draft_of, version_of
from crm_core.questionnaires.questions import Content
from crm_core.questionnaires.stored import load, store
from crm_core.workforce.versions import SavedMeanwhile

SPEAKING = "questionnaire_prompts"
"""The job that speaks what was published; see hotline.survey_prompts."""


class NotReady(Refused):
    """`problems` are all that keep the draft from being published."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(found[0].sentence.message_id, **found[0].sentence.values)
        self.problems = tuple(found)


async def create(session: AsyncSession, content: Content, *, actor: str, at: datetime) -> Questionnaire:
    """A new questionnaire with this draft."""
    row = Questionnaire(name_zh="", name_en="", created_by=storable(actor, 16), created_at=at, published=0)
    session.add(row)
    await session.flush()
    await save_draft(session, row.id, content, base=None, actor=actor, at=at)
    return row


async def save_draft(
    session: AsyncSession, questionnaire: int, content: Content, *, base: int | None, actor: str, at: datetime
) -> QuestionnaireVersion:
    """Keep a content that may still be wrong. `base` is the draft's revision that the page began from, 0 = no draft.

    Raises SavedMeanwhile, NotFound; `base` None = whatever is there.
    """
    row = await _lock(session, questionnaire)
    draft = await draft_of(session, questionnaire)
    if base is not None and base != (draft.revision if draft else 0):
        raise SavedMeanwhile(draft.saved_by if draft else "?")
    if draft is None:
        latest = select(func.max(QuestionnaireVersion.number)).where(
            QuestionnaireVersion.questionnaire_id == questionnaire
        )
        number = (await session.scalar(latest) or 0) + 1
        draft = QuestionnaireVersion(questionnaire_id=questionnaire, number=number, revision=0, state="draft")
        session.add(draft)
    draft.content, draft.saved_by, draft.saved_at = store(content), storable(actor, 16), at
    draft.revision += 1
    if not row.published:
        _name(row, content)
    await session.flush()
    await _audit(session, draft, action="questionnaire_saved", actor=actor, at=at)
    return draft


async def publish(
    session: AsyncSession, questionnaire: int, *, base: int | None = None, actor: str, at: datetime
) -> QuestionnaireVersion:
    """The draft is asked from now on; without an agent as soon as it is spoken. NotReady, SavedMeanwhile, NotFound."""
    row = await _lock(session, questionnaire)
    draft = await draft_of(session, questionnaire)
    if draft is None:
        raise NotFound("There is nothing to publish: all that was written is in force.")
    if base is not None and base != draft.revision:
        raise SavedMeanwhile(draft.saved_by)
    await _put_in_force(session, row, draft, at=at)
    await _audit(session, draft, action="questionnaire_published", actor=actor, at=at)
    return draft


async def publish_again(
    session: AsyncSession, questionnaire: int, number: int, *, actor: str, at: datetime
) -> QuestionnaireVersion:
    """Back to a version that was in force before. Raises Refused, NotReady, NotFound."""
    row = await _lock(session, questionnaire)
    version = await version_of(session, questionnaire, number)
    if version.state == "draft":
        raise Refused("Version {number} was never in force: publish it.", number=number)
    if row.published == number:
        raise Refused("Version {number} is in force already.", number=number)
    await _put_in_force(session, row, version, at=at)
    await _audit(session, version, action="questionnaire_published_again", actor=actor, at=at)
    return version


async def drop_draft(session: AsyncSession, questionnaire: int, *, actor: str, at: datetime) -> None:
    """What is in force stays; a questionnaire that was never published is put away. Raises NotFound."""
    row = await _lock(session, questionnaire)
    draft = await draft_of(session, questionnaire)
    if draft is None:
        raise NotFound("There is no draft.")
    await _audit(session, draft, action="questionnaire_dropped", actor=actor, at=at)
    await session.delete(draft)
    if not row.published:
        row.archived_at = at
    await session.flush()


async def archive(session: AsyncSession, questionnaire: int, *, actor: str, at: datetime) -> None:
    """Out of the list; what was answered stays. Raises NotFound."""
    row = await _lock(session, questionnaire)
    row.archived_at = row.archived_at or at
    await audit(
        session, at=at, actor=actor, action="questionnaire_removed", subject=f"questionnaire/{row.id}", detail=""
    )
    await session.flush()


async def _put_in_force(
    session: AsyncSession, row: Questionnaire, version: QuestionnaireVersion, *, at: datetime
) -> None:
    content = load(version.content)
    found = errors(problems(content))
    if found:
        raise NotReady(found)
    others = update(QuestionnaireVersion).where(
        QuestionnaireVersion.questionnaire_id == row.id, QuestionnaireVersion.state == "published"
    )
    await session.execute(others.values(state="replaced"))
    version.state, version.published_at = "published", at
    row.published, row.archived_at = version.number, None
    _name(row, content)
    await session.flush()
    await schedule(session, SPEAKING, "site", at)


def _name(row: Questionnaire, content: Content) -> None:
    row.name_zh, row.name_en = storable(content.title.zh, 60), storable(content.title.en, 60)


async def _audit(
    session: AsyncSession, version: QuestionnaireVersion, *, action: str, actor: str, at: datetime
) -> None:
    subject = f"questionnaire/{version.questionnaire_id}"
    await audit(session, at=at, actor=actor, action=action, subject=subject, detail=f"#{version.number}")


async def _lock(session: AsyncSession, questionnaire: int) -> Questionnaire:
    """One change of a questionnaire at a time."""
    row = await session.get(Questionnaire, questionnaire, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such questionnaire.")
    return row
