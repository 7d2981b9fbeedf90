"""Names for the codes on the page of people: a skill by its queue, a tag by its dealer or province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.naming import names_for
from crm_core.dealers.model import Dealer
from crm_core.workforce.queries import queues


@dataclass(frozen=True, slots=True)
class Places:
    """`names` are the dealers' short names by id."""

    names: Mapping[int, str]
    provinces: frozenset[str]


async def dealer_places(session: AsyncSession) -> Places:
    rows = list(await session.execute(select(Dealer.id, Dealer.short_name, Dealer.province)))
    return Places({row.id: row.short_name for row in rows}, frozenset(row.province for row in rows if row.province))


async def skill_names(session: AsyncSession, language: str) -> dict[str, str]:
    """A skill is called as the first queue that asks for it."""
    rows = await queues(session)
    named = names_for(language, {}, rows)
    return {row.skill: named.queue(row.id) for row in reversed(rows)}
