"""A queue's thresholds by day: a change counts from the day on which it is made, and what was counted stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import day_bounds
from crm_core.figures.marking import DueQuarter, mark
from crm_core.figures.model import FigureBasis, QueueThresholds
from crm_core.figures.quarters import quarter_of, quarter_start
from crm_core.workforce.model import QueueRow

FIRST_DAY = date(2000, 1, 1)
DEFAULT_ZONE = "Asia/Shanghai"
_SETTINGS = {
    "service_seconds": "service_seconds",
    "short_abandon_seconds": "short_abandon_seconds",
    "target_percent": "service_target_percent",
}
"""What a version keeps, and how a queue calls it."""


async def site_zone(session: AsyncSession) -> ZoneInfo:
    """Whose days the figures are."""
    return ZoneInfo(await session.scalar(select(FigureBasis.zone)) or DEFAULT_ZONE)


async def note_thresholds(
    session: AsyncSession,
    queue: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor: str,
    at: datetime,
) -> None:
    """When a queue's settings differ in a threshold, keep the version of the day of `at`; it counts from midnight."""
    then, now = _values(before), _values(after)
    if then == now:
        return
    zone = await site_zone(session)
    today = at.astimezone(zone).date()
    rows = await session.scalars(select(QueueThresholds).where(QueueThresholds.queue == queue))
    versions = {row.valid_from: row for row in rows}
    if not versions:
        session.add(QueueThresholds(queue=queue, valid_from=FIRST_DAY, made_by="", made_at=at, **then))
    if today in versions:
        for name, value in now.items():
            setattr(versions[today], name, value)
        versions[today].made_by, versions[today].made_at = actor[:16], at
    else:
        session.add(QueueThresholds(queue=queue, valid_from=today, made_by=actor[:16], made_at=at, **now))
    await mark_quarters(session, queue, *day_bounds(today, zone))


async def mark_quarters(session: AsyncSession, queue: str, start: datetime, end: datetime) -> None:
    """A queue's quarters in [start, end) are to be counted again."""
    quarters = range(quarter_of(start), quarter_of(end))
    due = [DueQuarter("queue", queue, quarter_start(quarter)) for quarter in quarters]
    await session.run_sync(lambda sync: mark(sync.connection(), due))


async def keep_first_versions(session: AsyncSession, at: datetime) -> None:
    """A queue without versions gets its first: its settings as they are, for every day so far."""
    known = select(QueueThresholds.queue)
    for row in await session.scalars(select(QueueRow).where(QueueRow.id.not_in(known))):
        values = {name: getattr(row, setting) for name, setting in _SETTINGS.items()}
        session.add(QueueThresholds(queue=row.id, valid_from=FIRST_DAY, made_by="", made_at=at, **values))


def _values(settings: Mapping[str, Any]) -> dict[str, int]:
    return {name: settings[setting] for name, setting in _SETTINGS.items()}
