"""Callers from before this site, brought as a CSV file of half hours, so that a forecast need not wait for weeks.

One line each: queue, day, time, callers - e.g. "repair,2026-08-27,09:30,14". A first line of heads is passed over; what
is not named had no callers; a quarter of an hour counts in its half hour.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from io import StringIO

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import Invalid
from crm_core.forecasts.model import PastVolume

SLOTS = 48
MOST_LINES = 400_000  # ten queues of two years
MOST_CALLERS = 100_000
Volumes = dict[tuple[str, date], list[int]]


class VolumesUnreadable(Invalid):
    """The message names the line."""


def read_volumes(text: str, queues: Collection[str], *, today: date) -> Volumes:
    """(queue, day) to the callers of its 48 half hours.

    Raises VolumesUnreadable for an empty file, a line that cannot be read, a queue that nobody knows, a day to come.
    """
    found: Volumes = defaultdict(lambda: [0] * SLOTS)
    lines = csv.reader(StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in text[:200] else ",")
    for number, cells in enumerate(lines, start=1):
        if number > MOST_LINES:
            raise VolumesUnreadable("The file has more than {most} lines.", most=f"{MOST_LINES:,}", field="file")
        if not any(cell.strip() for cell in cells) or (number == 1 and not _is_day(cells)):
            continue
        queue, on, slot, callers = _line(cells, number)
        if queue not in queues:
            raise VolumesUnreadable("Line {line}: there is no queue {queue}.", line=number, queue=queue, field="file")
        if on >= today:
            raise VolumesUnreadable("Line {line}: this day is not over.", line=number, field="file")
        found[queue, on][slot] += callers
    if not found:
        raise VolumesUnreadable("The file has no lines of queue, day, time and callers.", field="file")
    return dict(found)


async def bring_volumes(session: AsyncSession, volumes: Volumes, *, actor: str, at: datetime) -> int:
    """Keep them; a day that was brought before is replaced. How many days of a queue were written."""
    days = [day for _, day in volumes]
    rows = await session.scalars(select(PastVolume).where(PastVolume.day >= min(days), PastVolume.day <= max(days)))
    known = {(row.queue, row.day): row for row in rows}
    for (queue, day), counts in volumes.items():
        row = known.get((queue, day))
        if row is None:
            row = PastVolume(queue=queue, day=day)
            session.add(row)
        row.counts = counts
    await session.flush()
    detail = noting(first_day=min(days).isoformat(), last_day=max(days).isoformat(), rows=len(volumes))
    await audit(session, at=at, actor=actor, action="volumes_saved", detail=detail)
    return len(volumes)


def _is_day(cells: list[str]) -> bool:
    try:
        date.fromisoformat(cells[1].strip().replace("/", "-"))
    except (IndexError, ValueError):
        return False
    return True


def _line(cells: list[str], number: int) -> tuple[str, date, int, int]:
    try:
        queue, day, clock, callers = (cell.strip() for cell in cells[:4])
        on = date.fromisoformat(day.replace("/", "-"))
        hour, minute = (int(part) for part in clock.split(":")[:2])
        count = int(callers)
    except (IndexError, ValueError):
        raise VolumesUnreadable(
            "Line {line} cannot be read. Write repair,2026-08-27,09:30,14.", line=number, field="file"
        ) from None
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= count <= MOST_CALLERS):
        raise VolumesUnreadable(
            "Line {line} cannot be read. Write repair,2026-08-27,09:30,14.", line=number, field="file"
        )
    return queue, on, hour * 2 + minute // 30, count
