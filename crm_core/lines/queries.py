"""What lines there are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import NotFound
from crm_core.lines.model import PublishedNumber, Trunk


async def trunks(session: AsyncSession) -> list[Trunk]:
    """In the order in which outgoing calls try them."""
    return list(await session.scalars(select(Trunk).order_by(Trunk.position, Trunk.id)))


async def trunk(session: AsyncSession, trunk_id: str) -> Trunk:
    """Raises NotFound."""
    found = await session.get(Trunk, trunk_id)
    if found is None:
        raise NotFound("There is no trunk {trunk}.", trunk=trunk_id[:24])
    return found


async def numbers(session: AsyncSession) -> list[PublishedNumber]:
    return list(
        await session.scalars(select(PublishedNumber).order_by(PublishedNumber.position, PublishedNumber.number))
    )


async def served_numbers(session: AsyncSession, of_settings: Sequence[str]) -> tuple[str, ...]:
    """The numbers that are answered now: those of the settings until somebody has published one."""
    rows = await numbers(session)
    return tuple(row.number for row in rows if row.in_use) if rows else tuple(of_settings)
