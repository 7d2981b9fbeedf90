"""Queues and agents over a period, step by step: what every report, board and tool asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from reports.metrics import QueueCounts, total
from reports.periods import Period, Span
from reports.queries import queue_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueInterval:
    """One step; `queues` has every queue that had a visit in it. `estimated` = seconds in which we were deaf."""

    span: Span
    queues: Mapping[str, QueueCounts]
    estimated: float = 0.0

    @property
    def total(self) -> QueueCounts:
        return total(self.queues.values())


async def queue_intervals(session: AsyncSession, period: Period, queues: Sequence[str] = ()) -> list[QueueInterval]:
    """One interval per step of the period, in order, empty ones included. No `queues` = all of them."""
    intervals = []
    for span in period.spans():
        counts = await queue_counts(session, span.start, span.end)
        kept = {queue: count for queue, count in counts.items() if not queues or queue in queues}
        intervals.append(QueueInterval(span=span, queues=kept))
    return intervals
