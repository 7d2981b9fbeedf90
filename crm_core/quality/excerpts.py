"""The training library: parts of recordings to learn from. They name no customer and go when the recording goes.

A talk whose recording is held for a lawsuit, or whose customer asked to be forgotten, is no teaching material: it can
neither be added nor heard, from the moment on in which that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.actions import SignedInUser
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Permission
from crm_core.cases.model import Case
from crm_core.consent.privacy import SUB_KIND
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.model import Contact, Recording
from crm_core.quality.model import QualityExcerpt
from crm_core.retention.model import RecordingHold

PLAYABLE = ("ready", "cut")
SHORTEST, LONGEST = 2.0, 300.0
MOST_TAGS = 8
BY = "system"


class Audience(StrEnum):
    AGENTS = "agents"  # everybody who takes calls, and those below
    LEADERS = "leaders"  # who may review talks
    REVIEWERS = "reviewers"  # who keeps the library


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExcerpt:
    """Seconds are from the recording's start; `hushed` parts of it are made silent, e.g. where a name is said."""

    title: str
    note: str
    tags: tuple[str, ...]
    began: float
    ended: float
    hushed: tuple[tuple[float, float], ...]
    audience: str


_PRIVATE = and_(Case.customer_id == Contact.customer_id, Case.sub_kind == SUB_KIND, Contact.id == Recording.contact_id)


def usable() -> tuple[ColumnElement[bool], ...]:
    """Conditions on Recording: its sound is there, and nothing forbids to teach with it."""
    held = select(RecordingHold.contact_id).where(RecordingHold.contact_id == Recording.contact_id)
    private = select(Case.id).where(_PRIVATE).correlate(Recording)
    return Recording.status.in_(PLAYABLE), ~held.exists(), ~private.exists()


async def add(
    session: AsyncSession, recording: Recording, new: NewExcerpt, *, actor: str, at: datetime
) -> QualityExcerpt:
    """Raises Invalid for a range or words that cannot be used, Refused for a talk that must not be taught with."""
    _check(recording, new)
    fits = select(Recording.id).where(Recording.id == recording.id, *usable())
    if await session.scalar(fits) is None:
        raise Refused(
            "This talk is held as evidence, or its customer asked to be forgotten: it is no teaching material."
        )
    row = QualityExcerpt(
        recording_id=recording.id,
        title=storable(new.title.strip(), 80),
        note=storable(new.note.strip(), 2000),
        tags=_tags(new.tags),
        began=round(new.began, 2),
        ended=round(new.ended, 2),
        hushed=[[round(begin, 2), round(end, 2)] for begin, end in new.hushed],
        audience=new.audience,
        made_by=storable(actor, 16),
        made_at=at,
    )
    session.add(row)
    await session.flush()
    detail = noting(recording=recording.id, began=row.began, ended=row.ended, audience=row.audience)
    await audit(session, at=at, actor=actor, action="excerpt_added", subject=f"excerpt/{row.id}", detail=detail)
    return row


async def remove(session: AsyncSession, excerpt: int, me: SignedInUser, *, actor: str, at: datetime) -> QualityExcerpt:
    """By who made it or who keeps the library. Raises NotFound."""
    row = await excerpt_of(session, excerpt, me)
    if row.made_by != actor and not me.may(Permission.SET_QUALITY):
        raise NotFound("There is no such excerpt.")
    await session.delete(row)
    detail = noting(recording=row.recording_id, title=row.title)
    await audit(session, at=at, actor=actor, action="excerpt_removed", subject=f"excerpt/{row.id}", detail=detail)
    return row


async def hear(session: AsyncSession, excerpt: int, me: SignedInUser, *, at: datetime) -> tuple[QualityExcerpt, str]:
    """Leave to hear, on the audit log in this transaction; gives the recording's file too. Raises NotFound."""
    row = await excerpt_of(session, excerpt, me)
    file = await session.scalar(select(Recording.file).where(Recording.id == row.recording_id))
    detail = noting(recording=row.recording_id, title=row.title)
    await audit(session, at=at, actor=me.number, action="excerpt_heard", subject=f"excerpt/{row.id}", detail=detail)
    return row, str(file)


async def excerpt_of(session: AsyncSession, excerpt: int, me: SignedInUser) -> QualityExcerpt:
    """One that this person may hear. NotFound for every other one."""
    number = excerpt if 0 < excerpt < 2**31 else 0
    row = await session.scalar(_visible(me).where(QualityExcerpt.id == number))
    if row is None:
        raise NotFound("There is no such excerpt.")
    found: QualityExcerpt = row
    return found


async def library(
    session: AsyncSession, me: SignedInUser, *, words: str = "", tag: str = "", limit: int = 200
) -> Sequence[QualityExcerpt]:
    """The newest first."""
    found = _visible(me).order_by(QualityExcerpt.made_at.desc(), QualityExcerpt.id.desc())
    if words:
        columns = (QualityExcerpt.title, QualityExcerpt.note)
        found = found.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    rows = list(await session.scalars(found.limit(1000)))
    return [row for row in rows if not tag or tag in row.tags][:limit]


async def take_out_gone(session: AsyncSession, at: datetime) -> int:
    """Of deleted and missing recordings nothing stays in the library. Gives how many excerpts went."""
    gone = select(QualityExcerpt).join(Recording, Recording.id == QualityExcerpt.recording_id)
    rows = list(await session.scalars(gone.where(Recording.status.not_in((*PLAYABLE, "recording")))))
    for row in rows:
        await session.delete(row)
    if rows:
        detail = noting(count=len(rows))
        await audit(session, at=at, actor=BY, action="excerpt_removed", subject="", detail=detail)
    return len(rows)


def _visible(me: SignedInUser):  # type: ignore[no-untyped-def]
    audiences = [Audience.AGENTS]
    if me.may(Permission.REVIEW_TALKS):
        audiences.append(Audience.LEADERS)
    if me.may(Permission.SET_QUALITY):
        audiences.append(Audience.REVIEWERS)
    seen = or_(QualityExcerpt.audience.in_(audiences), QualityExcerpt.made_by == me.number)
    return select(QualityExcerpt).join(Recording, Recording.id == QualityExcerpt.recording_id).where(seen, *usable())


def _tags(tags: Sequence[str]) -> list[str]:
    words = (storable(one.strip().lstrip("#"), 20) for one in tags)
    return list(dict.fromkeys(one for one in words if one))[:MOST_TAGS]


def _check(recording: Recording, new: NewExcerpt) -> None:
    if not new.title.strip():
        raise Invalid("Enter a title.", field="title")
    if new.audience not in set(Audience):
        raise Invalid("Choose from the list.", field="audience")
    if not (0 <= new.began < new.ended <= (recording.seconds or 0.0) + 0.5):
        raise Invalid("The excerpt must lie within the recording, its end after its beginning.", field="ended")
    if not SHORTEST <= new.ended - new.began <= LONGEST:
        raise Invalid(
            "An excerpt is {least} to {most} seconds long.", least=int(SHORTEST), most=int(LONGEST), field="ended"
        )
    if any(not new.began <= begin < end <= new.ended for begin, end in new.hushed):
        raise Invalid("A silenced part must lie within the excerpt, as 1:05-1:08.", field="hushed")
