"""What is known of questionnaires: for the list, for who asks the questions, and for who edits them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.drafted import Versions
from crm_core.errors import NotFound
from crm_core.questionnaires.model import Questionnaire, QuestionnaireVersion, Response
from crm_core.questionnaires.questions import Content
from crm_core.questionnaires.stored import load


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireLine:
    """`published` is the version in force (0 = none), `draft` the number of the draft (0 = none).

    `questions` are those of the version in force, else of the draft; `spoken` = it may be asked without an agent.
    """

    id: int
    name_zh: str
    name_en: str
    published: int
    published_at: datetime | None
    draft: int
    questions: int
    spoken: bool
    responses: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one customer is asked: exactly this version, to the end."""

    questionnaire: int
    version: int
    content: Content
    spoken: bool


QUESTIONNAIRES = Versions(
    Questionnaire,
    QuestionnaireVersion,
    QuestionnaireVersion.questionnaire_id,
    lambda: NotFound("There is no such questionnaire."),
)
questionnaire_of, draft_of = QUESTIONNAIRES.row_of, QUESTIONNAIRES.draft_of
version_of, versions_of = QUESTIONNAIRES.version_of, QUESTIONNAIRES.versions_of


async def asked(session: AsyncSession, questionnaire: int, version: int = 0) -> Asked | None:
    """The version with this number, 0 = the one in force; None when there is none or it was never published."""
    found = await QUESTIONNAIRES.in_force(session, questionnaire, version)
    if found is None:
        return None
    content = load(found.content)
    return Asked(questionnaire=questionnaire, version=found.number, content=content, spoken=found.spoken_at is not None)


async def unspoken(session: AsyncSession) -> list[QuestionnaireVersion]:
    """Versions in force whose prompts are not known to exist."""
    rows = await session.scalars(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.state == "published", QuestionnaireVersion.spoken_at.is_(None)
        )
    )
    return list(rows)


async def in_force(session: AsyncSession) -> list[QuestionnaireVersion]:
    rows = await session.scalars(select(QuestionnaireVersion).where(QuestionnaireVersion.state == "published"))
    return list(rows)


async def questionnaire_lines(session: AsyncSession) -> list[QuestionnaireLine]:
    """All that are not put away, the latest answered first."""
    rows = list(
        await session.scalars(
            select(Questionnaire).where(Questionnaire.archived_at.is_(None)).order_by(Questionnaire.id)
        )
    )
    shown = select(QuestionnaireVersion).where(QuestionnaireVersion.state.in_(("draft", "published")))
    versions = {(one.questionnaire_id, one.state): one for one in await session.scalars(shown)}
    counted = await session.execute(
        select(Response.questionnaire_id, func.count(), func.max(Response.began_at)).group_by(Response.questionnaire_id)
    )
    answered = {name: (count, last) for name, count, last in counted}
    return [_line(row, versions, answered.get(row.id, (0, None))) for row in rows]


def _line(
    row: Questionnaire,
    versions: dict[tuple[int, str], QuestionnaireVersion],
    answered: tuple[int, datetime | None],
) -> QuestionnaireLine:
    published, draft = versions.get((row.id, "published")), versions.get((row.id, "draft"))
    shown = published or draft
    return QuestionnaireLine(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        published=row.published,
        published_at=published.published_at if published else None,
        draft=draft.number if draft else 0,
        questions=len(shown.content.get("questions", [])) if shown else 0,
        spoken=published is not None and published.spoken_at is not None,
        responses=answered[0],
        last_at=answered[1],
    )
