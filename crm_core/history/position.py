"""Up to where the feed is in the database, and whose lead writes on from there."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import FeedPosition

READER = "history"


class WrittenByAnother(Exception):
    """Another process leads now; what this one would write was or will be written by that one."""


async def claim_position(session: AsyncSession, epoch: int, *, reader: str = READER) -> int:
    """The number of the last record written; from the end of this transaction on only this lead writes."""
    position = await session.get(FeedPosition, reader, with_for_update=True)
    if position is None:
        session.add(position := FeedPosition(reader=reader, number=0))
    position.epoch = epoch
    return position.number
