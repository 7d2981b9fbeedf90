"""The forms and their versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.drafted import Versions
from crm_core.errors import NotFound
from crm_core.quality.forms import Form
from crm_core.quality.model import QualityForm, QualityFormVersion, QualityReview
from crm_core.quality.stored import load


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLine:
    """`draft` is the number of the draft, 0 = there is none. Counts are of what is shown: in force, else the draft."""

    id: int
    name_zh: str
    name_en: str
    published: int
    published_at: datetime | None
    draft: int
    criteria: int
    knockouts: int
    reviews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The form a review is made with: exactly this version."""

    form: int
    version: int
    content: Form


FORMS = Versions(
    QualityForm, QualityFormVersion, QualityFormVersion.form_id, lambda: NotFound("There is no such form.")
)
form_of, draft_of = FORMS.row_of, FORMS.draft_of
version_of, versions_of = FORMS.version_of, FORMS.versions_of


async def given(session: AsyncSession, form: int, version: int = 0) -> Given | None:
    """The version with this number, 0 = the one in force; None when it is not there or was never in force."""
    found = await FORMS.in_force(session, form, version)
    return None if found is None else Given(form=form, version=found.number, content=load(found.content))


async def usable_forms(session: AsyncSession) -> list[QualityForm]:
    """Those a talk can be judged by now."""
    usable = select(QualityForm).where(QualityForm.published > 0, QualityForm.archived_at.is_(None))
    return list(await session.scalars(usable.order_by(QualityForm.id)))


async def form_lines(session: AsyncSession) -> list[FormLine]:
    """All that are not put away."""
    rows = list(await session.scalars(select(QualityForm).where(QualityForm.archived_at.is_(None))))
    shown = select(QualityFormVersion).where(QualityFormVersion.state.in_(("draft", "published")))
    versions = {(one.form_id, one.state): one for one in await session.scalars(shown)}
    counted = await session.execute(select(QualityReview.form_id, func.count()).group_by(QualityReview.form_id))
    reviews = {row[0]: row[1] for row in counted}
    return [_line(row, versions, reviews.get(row.id, 0)) for row in sorted(rows, key=lambda row: row.id)]


def _line(row: QualityForm, versions: dict[tuple[int, str], QualityFormVersion], reviews: int) -> FormLine:
    published, draft = versions.get((row.id, "published")), versions.get((row.id, "draft"))
    shown = published or draft
    content = load(shown.content) if shown else Form()
    return FormLine(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        published=row.published,
        published_at=published.published_at if published else None,
        draft=draft.number if draft else 0,
        criteria=len(content.criteria),
        knockouts=len(content.knockouts),
        reviews=reviews,
    )
