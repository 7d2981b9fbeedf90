"""The recorded talks that sampling rules look at, with what the rules ask of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Contact, Leg, Recording
from crm_core.quality.model import QualityDraw, QualityReview
from crm_core.quality.sampling import Talk
from crm_core.surveys.model import SurveyScore
from crm_core.transcripts.model import TranscriptHit

PLAYABLE = ("ready", "cut")
MOST = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A talk that can be drawn, and when it was."""

    talk: Talk
    at: datetime


async def candidates(session: AsyncSession, start: datetime, end: datetime, *, rule: int | None) -> list[Candidate]:
    """Agents' talks that began in [start, end), can be played, and neither were judged nor wait for a review.

    Those that `rule` has drawn stay among them: they count towards its limit.
    """
    ratings = (
        select(SurveyScore.leg_id, func.min(SurveyScore.value).label("rating")).group_by(SurveyScore.leg_id).subquery()
    )
    judged = select(QualityReview.id).where(QualityReview.recording_id == Recording.id, QualityReview.state != "draft")
    drawn = select(QualityDraw.id).where(QualityDraw.recording_id == Recording.id, QualityDraw.second.is_(False))
    own = drawn.where(QualityDraw.rule_id == (rule or 0))
    rows = await session.execute(
        select(
            Recording.id, Recording.agent, Recording.seconds, Recording.started_at, Leg.queue, Contact.queue,
            Leg.hold_seconds, Contact.kind, ratings.c.rating,
        )
        .join(Contact, Contact.id == Recording.contact_id)
        .outerjoin(Leg, Leg.id == Recording.leg_id)
        .outerjoin(ratings, ratings.c.leg_id == Recording.leg_id)
        .where(Recording.started_at >= start, Recording.started_at < end)
        .where(Recording.status.in_(PLAYABLE), Recording.agent.not_in(("", "survey")))
        .where(or_(own.exists(), ~or_(judged.exists(), drawn.exists())))
        .order_by(Recording.id)
        .limit(MOST)
    )  # fmt: skip
    topics = await _topics(session, start, end)
    return [
        Candidate(
            at=row[3],
            talk=Talk(
                recording=row[0],
                agent=row[1],
                seconds=row[2] or 0.0,
                queue=row[4] or row[5],
                hold_seconds=row[6] or 0.0,
                complaint=row[7] == "complaint",
                rating=row[8],
                topics=topics.get(row[0], ()),
            ),
        )
        for row in rows
    ]


async def _topics(session: AsyncSession, start: datetime, end: datetime) -> dict[int, tuple[str, ...]]:
    found = (
        select(TranscriptHit.recording_id, TranscriptHit.topic)
        .join(Recording, Recording.id == TranscriptHit.recording_id)
        .where(Recording.started_at >= start, Recording.started_at < end)
        .distinct()
    )
    topics: dict[int, list[str]] = defaultdict(list)
    for row in await session.execute(found):
        topics[row[0]].append(row[1])
    return {recording: tuple(sorted(names)) for recording, names in topics.items()}


def week_of(at: datetime, zone: tzinfo) -> str:
    """The site's ISO week, e.g. "2026-W48"."""
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"


def monday(at: datetime, zone: tzinfo) -> datetime:
    """When the week of this moment began at the site."""
    local = at.astimezone(zone)
    day = local.date() - timedelta(days=local.weekday())
    return datetime(day.year, day.month, day.day, tzinfo=zone)
