"""The inbox of drawn talks, the reviews that a person may read, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.errors import NotFound
from crm_core.history.model import Contact, Recording
from crm_core.quality.model import QualityDraw, QualityForm, QualityReview, QualityRule
from crm_core.quality.reach import Agents, readable, within

GIVEN = ("submitted", "appealed", "decided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A talk that waits for a review. `rule` "" = a person asked for it."""

    draw: QualityDraw
    recording: Recording
    contact: Contact
    rule: str
    form_zh: str
    form_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    review: QualityReview
    seconds: float | None
    status: str
    form_zh: str
    form_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reviews; what is empty does not restrict. `words` are looked for in comments, answers and decisions."""

    agent: str = ""
    reviewer: str = ""
    form: int = 0
    state: str = ""
    words: str = ""
    start: datetime | None = None
    end: datetime | None = None
    below: int | None = None  # tenths


async def talk(session: AsyncSession, recording: int, agents: Agents) -> Recording:
    """A recording of an agent whom this person judges. NotFound for every other one."""
    row = await session.get(Recording, recording) if 0 < recording < 2**31 else None
    if row is None or not row.agent or row.agent == "survey" or (agents is not None and row.agent not in agents):
        raise NotFound("There is no such recording.")
    return row


async def inbox(session: AsyncSession, me: str, agents: Agents, *, limit: int = 200) -> list[Waiting]:
    """What waits for this person or for anybody, the first due first; never an own talk."""
    rows = await session.execute(
        select(QualityDraw, Recording, Contact, QualityRule.name, QualityForm.name_zh, QualityForm.name_en)
        .join(Recording, Recording.id == QualityDraw.recording_id)
        .join(Contact, Contact.id == Recording.contact_id)
        .join(QualityForm, QualityForm.id == QualityDraw.form_id)
        .outerjoin(QualityRule, QualityRule.id == QualityDraw.rule_id)
        .where(*_waits_for(me, agents))
        .order_by(QualityDraw.due_at, QualityDraw.id)
        .limit(limit)
    )
    return [
        Waiting(draw=draw, recording=recording, contact=contact, rule=rule or "", form_zh=zh, form_en=en)
        for draw, recording, contact, rule, zh, en in rows
    ]


async def waiting_count(session: AsyncSession, me: str, agents: Agents) -> int:
    counted = select(func.count()).select_from(QualityDraw).where(*_waits_for(me, agents))
    return await session.scalar(counted) or 0


def _waits_for(me: str, agents: Agents) -> tuple[ColumnElement[bool], ...]:
    own = select(QualityReview.id).where(
        QualityReview.recording_id == QualityDraw.recording_id,
        QualityReview.reviewer == me,
        QualityReview.state != "draft",
    )
    twin = aliased(QualityDraw)
    mine = select(twin.id).where(
        twin.recording_id == QualityDraw.recording_id, twin.id != QualityDraw.id, twin.reviewer == me
    )
    return (
        or_(QualityDraw.reviewer == me, ~mine.exists()),
        QualityDraw.state == "open",
        QualityDraw.reviewer.in_(("", me)),
        QualityDraw.agent != me,
        within(QualityDraw.agent, agents),
        or_(QualityDraw.second.is_(False), ~own.exists()),
    )


async def open_draw_of(session: AsyncSession, recording: int, me: str) -> QualityDraw | None:
    """Why this person finds the talk in the inbox; an own one before one that anybody may take."""
    found: QualityDraw | None = await session.scalar(
        select(QualityDraw)
        .where(QualityDraw.recording_id == recording, QualityDraw.state == "open", QualityDraw.reviewer.in_(("", me)))
        .order_by(QualityDraw.reviewer.desc(), QualityDraw.second, QualityDraw.id)
        .limit(1)
    )
    return found


async def review_of(session: AsyncSession, recording: int, reviewer: str) -> QualityReview | None:
    """The own review of a talk."""
    found: QualityReview | None = await session.scalar(
        select(QualityReview).where(QualityReview.recording_id == recording, QualityReview.reviewer == reviewer)
    )
    return found


async def readable_review(session: AsyncSession, review: int, me: str, agents: Agents) -> QualityReview:
    """One that this person may read now. NotFound for every other one."""
    number = review if 0 < review < 2**31 else 0
    found = await session.scalar(
        select(QualityReview).where(
            QualityReview.id == number, readable(me), QualityReview.agent != me, within(QualityReview.agent, agents)
        )
    )
    if found is None:
        raise NotFound("There is no such review.")
    return found


async def others_reviews(session: AsyncSession, recording: int, me: str) -> list[QualityReview]:
    """What others gave on the talk, where this person may see it; the one that counts first."""
    found = select(QualityReview).where(
        QualityReview.recording_id == recording,
        QualityReview.reviewer != me,
        QualityReview.state.in_(GIVEN),
        readable(me),
    )
    return list(await session.scalars(found.order_by(QualityReview.second, QualityReview.submitted_at)))


async def reviews(
    session: AsyncSession, me: str, agents: Agents, wanted: Wanted, *, limit: int = 100
) -> list[ReviewLine]:
    """The newest first."""
    rows = await session.execute(
        _lines()
        .where(QualityReview.agent != me, within(QualityReview.agent, agents), readable(me), *_asked(wanted))
        .order_by(QualityReview.submitted_at.desc().nulls_first(), QualityReview.id.desc())
        .limit(limit)
    )
    return [_line(row) for row in rows]


async def reviews_of_agent(
    session: AsyncSession, agent: str, *, start: datetime | None = None, limit: int = 100
) -> list[ReviewLine]:
    """What an agent is shown: what was given and counts, the newest first."""
    mine = [QualityReview.agent == agent, QualityReview.second.is_(False), QualityReview.state.in_(GIVEN)]
    if start is not None:
        mine.append(QualityReview.talk_at >= start)
    rows = await session.execute(_lines().where(*mine).order_by(QualityReview.submitted_at.desc()).limit(limit))
    return [_line(row) for row in rows]


def _lines() -> Select[QualityReview, float | None, str, str, str]:
    return (
        select(QualityReview, Recording.seconds, Recording.status, QualityForm.name_zh, QualityForm.name_en)
        .join(Recording, Recording.id == QualityReview.recording_id)
        .join(QualityForm, QualityForm.id == QualityReview.form_id)
    )


def _line(row: Row[QualityReview, float | None, str, str, str]) -> ReviewLine:
    review, seconds, status, zh, en = row
    return ReviewLine(review=review, seconds=seconds, status=status, form_zh=zh, form_en=en)


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (QualityReview.agent, wanted.agent),
        (QualityReview.reviewer, wanted.reviewer),
        (QualityReview.state, wanted.state),
        (QualityReview.form_id, wanted.form),
    ):
        if value:
            found.append(column == value)
    if wanted.start:
        found.append(QualityReview.talk_at >= wanted.start)
    if wanted.end:
        found.append(QualityReview.talk_at < wanted.end)
    if wanted.below is not None:
        found.append(QualityReview.tenths < wanted.below)
    if wanted.words:
        columns = (QualityReview.comment, QualityReview.answer, QualityReview.decision)
        found.append(or_(*(column.icontains(wanted.words, autoescape=True) for column in columns)))
    return found
