"""Making, saving, publishing and going back. A review keeps the version it was begun with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import NotFound, Refused
from crm_core.quality.form_queries import draft_of, version_of
from crm_core.quality.forms import Form, Problem, problems
from crm_core.quality.model import QualityForm, QualityFormVersion
from crm_core.quality.stored import load, store
from crm_core.workforce.versions import SavedMeanwhile


class NotReady(Refused):
    """`problems` are all that keep the draft from being used."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(found[0].sentence.message_id, **found[0].sentence.values)
        self.problems = tuple(found)


async def create(session: AsyncSession, content: Form, *, actor: str, at: datetime) -> QualityForm:
    """A new form with this draft."""
    row = QualityForm(name_zh="", name_en="", created_by=storable(actor, 16), created_at=at, published=0)
    session.add(row)
    await session.flush()
    await save_draft(session, row.id, content, base=None, actor=actor, at=at)
    return row


async def save_draft(
    session: AsyncSession, form: int, content: Form, *, base: int | None, actor: str, at: datetime
) -> QualityFormVersion:
    """Keep a content that may still be wrong. `base` is the draft's revision that the page began from, 0 = no draft.

    Raises SavedMeanwhile, NotFound; `base` None = whatever is there.
    """
    row = await _lock(session, form)
    draft = await draft_of(session, form)
    if base is not None and base != (draft.revision if draft else 0):
        raise SavedMeanwhile(draft.saved_by if draft else "?")
    if draft is None:
        latest = select(func.max(QualityFormVersion.number)).where(QualityFormVersion.form_id == form)
        draft = QualityFormVersion(
            form_id=form, number=(await session.scalar(latest) or 0) + 1, revision=0, state="draft"
        )
        session.add(draft)
    draft.content, draft.saved_by, draft.saved_at = store(content), storable(actor, 16), at
    draft.revision += 1
    if not row.published:
        _name(row, content)
    await session.flush()
    await _audit(session, draft, action="quality_form_saved", actor=actor, at=at)
    return draft


async def publish(
    session: AsyncSession, form: int, *, base: int | None = None, actor: str, at: datetime
) -> QualityFormVersion:
    """Reviews that begin from now on are made with the draft. Raises NotReady, SavedMeanwhile, NotFound."""
    row = await _lock(session, form)
    draft = await draft_of(session, form)
    if draft is None:
        raise NotFound("There is nothing to publish: all that was written is in force.")
    if base is not None and base != draft.revision:
        raise SavedMeanwhile(draft.saved_by)
    await _put_in_force(session, row, draft, at=at)
    await _audit(session, draft, action="quality_form_published", actor=actor, at=at)
    return draft


async def publish_again(
    session: AsyncSession, form: int, number: int, *, actor: str, at: datetime
) -> QualityFormVersion:
    """Back to a version that was in force before. Raises Refused, NotReady, NotFound."""
    row = await _lock(session, form)
    version = await version_of(session, form, number)
    if version.state == "draft":
        raise Refused("Version {number} was never in force: publish it.", number=number)
    if row.published == number:
        raise Refused("Version {number} is in force already.", number=number)
    await _put_in_force(session, row, version, at=at)
    await _audit(session, version, action="quality_form_again", actor=actor, at=at)
    return version


async def drop_draft(session: AsyncSession, form: int, *, actor: str, at: datetime) -> QualityForm:
    """What is in force stays; a form that was never published is put away. Raises NotFound."""
    row = await _lock(session, form)
    draft = await draft_of(session, form)
    if draft is None:
        raise NotFound("There is no draft.")
    await _audit(session, draft, action="quality_form_dropped", actor=actor, at=at)
    await session.delete(draft)
    if not row.published:
        row.archived_at = at
    await session.flush()
    return row


async def archive(session: AsyncSession, form: int, *, actor: str, at: datetime) -> None:
    """Out of the list; the reviews made with it stay. Raises NotFound."""
    row = await _lock(session, form)
    row.archived_at = row.archived_at or at
    await session.flush()
    await audit(session, at=at, actor=actor, action="quality_form_removed", subject=f"quality_form/{row.id}")


async def _put_in_force(session: AsyncSession, row: QualityForm, version: QualityFormVersion, *, at: datetime) -> None:
    content = load(version.content)
    if found := problems(content):
        raise NotReady(found)
    others = update(QualityFormVersion).where(
        QualityFormVersion.form_id == row.id, QualityFormVersion.state == "published"
    )
    await session.execute(others.values(state="replaced"))
    version.state, version.published_at = "published", at
    row.published, row.archived_at = version.number, None
    _name(row, content)
    await session.flush()


def _name(row: QualityForm, content: Form) -> None:
    row.name_zh, row.name_en = storable(content.title.zh, 60), storable(content.title.en, 60)


async def _audit(session: AsyncSession, version: QualityFormVersion, *, action: str, actor: str, at: datetime) -> None:
    subject = f"quality_form/{version.form_id}"
    await audit(session, at=at, actor=actor, action=action, subject=subject, detail=f"#{version.number}")


async def _lock(session: AsyncSession, form: int) -> QualityForm:
    """One change of a form at a time."""
    found = form if 0 < form < 2**31 else 0
    row = await session.get(QualityForm, found, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such form.")
    return row
