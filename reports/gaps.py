"""How much of a time we were deaf to Asterisk: figures of it are estimates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.figures.model import StreamGap
from reports.periods import Span

Stretch = tuple[datetime, datetime]


async def gap_seconds(session: AsyncSession, spans: Sequence[Span]) -> list[float]:
    """Seconds of each span in which we were deaf; a gap that is still open counts up to now."""
    if not spans:
        return []
    stretches = merged(await gaps(session, min(span.start for span in spans), max(span.end for span in spans)))
    return [overlap(stretches, span.start, span.end) for span in spans]


async def gaps(session: AsyncSession, start: datetime, end: datetime) -> list[Stretch]:
    """The gaps that touch [start, end), in order of their beginning; one that is still open lasts until now."""
    now = clock.now()
    return [(gap.began_at, gap.ended_at or now) for gap in await gap_rows(session, start, end)]


async def gap_rows(session: AsyncSession, start: datetime, end: datetime) -> list[StreamGap]:
    """As `gaps`, with what each came from."""
    touching = (StreamGap.began_at < end, or_(StreamGap.ended_at.is_(None), StreamGap.ended_at > start))
    return list(await session.scalars(select(StreamGap).where(*touching).order_by(StreamGap.began_at)))


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order that do not touch each other, so that no second counts twice."""
    whole: list[Stretch] = []
    for began, ended in sorted(stretches):
        if whole and began <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(ended, whole[-1][1]))
        else:
            whole.append((began, ended))
    return whole


def overlap(stretches: Iterable[Stretch], start: datetime, end: datetime) -> float:
    """Seconds of [start, end) that lie in the stretches, which are merged."""
    within = ((min(ended, end) - max(began, start)).total_seconds() for began, ended in stretches)
    return sum(seconds for seconds in within if seconds > 0)
