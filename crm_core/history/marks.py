"""Reading the marks of recordings: pauses and holds, placed on the recording's own time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Recording, RecordingMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`kind` pause or hold. `began` and `ended` are seconds from the recording's start; `ended` None = it still lasts.

    `by` is who did it; `why` of a pause: button, key, field or api; of a hold: "" or consult.
    """

    kind: str
    began: float
    ended: float | None
    by: str
    why: str


async def marks_of(session: AsyncSession, recording_ids: Collection[int]) -> dict[int, list[Mark]]:
    """The marks of these recordings in the order of time; a recording without marks has an empty list."""
    found: dict[int, list[Mark]] = {number: [] for number in recording_ids}
    statement = (
        select(RecordingMark, Recording.started_at)
        .join(Recording, Recording.id == RecordingMark.recording_id)
        .where(RecordingMark.recording_id.in_(found))
        .order_by(RecordingMark.began_at, RecordingMark.id)
    )
    for row, started in await session.execute(statement):
        ended = _seconds(started, row.ended_at) if row.ended_at else None
        mark = Mark(kind=row.kind, began=_seconds(started, row.began_at), ended=ended, by=row.by, why=row.why)
        found[row.recording_id].append(mark)
    return found


def _seconds(started: datetime, at: datetime) -> float:
    return max(0.0, (at - started) / timedelta(seconds=1))
