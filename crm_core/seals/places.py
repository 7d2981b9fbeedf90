"""How many recordings lie where and in which form, and what waits to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Recording
from crm_core.seals.model import RecordingSeal

KEPT = ("ready", "cut")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`place` "" = this disk, "s3" = the store. `bytes` of sealed ones."""

    place: str
    encrypted: bool
    compressed: bool
    count: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What still has to be encrypted or sent; `since` = when the oldest of it was last sealed."""

    count: int = 0
    bytes: int = 0
    since: datetime | None = None


async def places(session: AsyncSession) -> list[Place]:
    """This disk first; the largest number first."""
    encrypted = case((Recording.file.endswith(".enc"), 1), else_=0)
    compressed = case((Recording.file.contains(".opus"), 1), else_=0)
    rows = select(Recording.place, encrypted, compressed, func.count(), func.sum(Recording.bytes))
    rows = rows.where(Recording.status.in_(KEPT)).group_by(Recording.place, encrypted, compressed)
    found = [
        Place(place=row[0], encrypted=bool(row[1]), compressed=bool(row[2]), count=int(row[3]), bytes=int(row[4] or 0))
        for row in await session.execute(rows)
    ]
    return sorted(found, key=lambda one: (one.place, -one.count))


async def backlog(session: AsyncSession, *, encrypt: bool, store: bool) -> Backlog:
    """Recordings that are not yet as the site wants them."""
    wanted = [Recording.place == ""] if store else []
    wanted += [~Recording.file.endswith(".enc")] if encrypt else []
    if not wanted:
        return Backlog()
    waits = (Recording.status.in_(KEPT), Recording.sha256 != "", or_(*wanted))
    row = (await session.execute(select(func.count(), func.sum(Recording.bytes)).where(*waits))).one()
    since = select(func.min(RecordingSeal.sealed_at)).join(Recording, Recording.id == RecordingSeal.recording_id)
    oldest = await session.scalar(since.where(*waits)) if row[0] else None
    return Backlog(count=int(row[0]), bytes=int(row[1] or 0), since=oldest)
