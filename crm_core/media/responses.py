"""How many responded elsewhere than by telephone, told by other systems minute by minute (B-38)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid
from crm_core.media.model import MediaResponse

SOURCES = ("website", "app", "wechat", "mail", "showroom", "other")
MOST = 1_000_000
LATE, EARLY = timedelta(days=2), timedelta(minutes=5)


async def add_responses(session: AsyncSession, source: str, count: int, minute: datetime, *, at: datetime) -> None:
    """Adds to what that minute has. Raises Invalid for an unknown source, a count or a time that cannot be."""
    if source not in SOURCES:
        raise Invalid("Choose from the list.", field="source")
    if not 1 <= count <= MOST:
        raise Invalid("Enter a number from {low} to {high}.", low=1, high=MOST, field="count")
    if not at - LATE <= minute <= at + EARLY:
        raise Invalid("Tell responses within two days, and none of the future.", field="at")
    whole = minute.replace(second=0, microsecond=0)
    values = {"source": source, "minute": whole, "count": 0}
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    await session.execute(insert(MediaResponse).values(**values).on_conflict_do_nothing())
    mine = (MediaResponse.source == source, MediaResponse.minute == whole)
    await session.execute(update(MediaResponse).where(*mine).values(count=MediaResponse.count + count))
