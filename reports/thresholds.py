"""Which thresholds a queue had on a day: what changes counts from its day on, and what was is not told anew."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.figures.model import QueueThresholds
from crm_core.workforce.model import QueueRow
from reports.counts import Thresholds


class ThresholdVersion(NamedTuple):
    """Of one queue from `valid_from` until its next version."""

    valid_from: date
    thresholds: Thresholds
    made_by: str = ""


class ThresholdHistory:
    """`present` has the settings of queues, which hold for every day of a queue without versions."""

    def __init__(self, versions: Mapping[str, Iterable[ThresholdVersion]], present: Mapping[str, Thresholds]) -> None:
        self._versions = {queue: sorted(found, key=lambda one: one.valid_from) for queue, found in versions.items()}
        self._present = present

    def on(self, queue: str, day: date) -> Thresholds:
        """Days before the first version have the first."""
        versions = self._versions.get(queue)
        if not versions:
            return self._present.get(queue, Thresholds())
        place = bisect_right(versions, day, key=lambda one: one.valid_from) - 1
        return versions[max(0, place)].thresholds

    def versions(self, queue: str) -> list[ThresholdVersion]:
        """Oldest first; empty when they were never changed."""
        return list(self._versions.get(queue, ()))


async def threshold_history(session: AsyncSession) -> ThresholdHistory:
    """Of every queue, removed ones too."""
    versions: dict[str, list[ThresholdVersion]] = {}
    for row in await session.execute(select(*_VERSION)):
        thresholds = Thresholds(
            service_seconds=row.service_seconds,
            short_abandon_seconds=row.short_abandon_seconds,
            target_percent=row.target_percent,
        )
        version = ThresholdVersion(valid_from=row.valid_from, thresholds=thresholds, made_by=row.made_by)
        versions.setdefault(row.queue, []).append(version)
    present = await session.execute(
        select(QueueRow.id, QueueRow.service_seconds, QueueRow.short_abandon_seconds, QueueRow.service_target_percent)
    )
    return ThresholdHistory(
        versions,
        {
            queue: Thresholds(service_seconds=service, short_abandon_seconds=short, target_percent=target)
            for queue, service, short, target in present
        },
    )


_VERSION = (
    QueueThresholds.queue,
    QueueThresholds.valid_from,
    QueueThresholds.service_seconds,
    QueueThresholds.short_abandon_seconds,
    QueueThresholds.target_percent,
    QueueThresholds.made_by,
)
