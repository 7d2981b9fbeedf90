"""When the names of stations have to be spoken anew: after a change, and once after each start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.dealers.model import Dealer
from crm_core.jobs.actions import schedule

STATION_PROMPTS = "station_prompts"


async def names_changed(session: AsyncSession, at: datetime) -> None:
    """In the transaction of the change; several changes are one job."""
    await schedule(session, STATION_PROMPTS, "site", at)


async def names_to_speak(session: AsyncSession) -> list[tuple[str, str]]:
    """Code and short name of every station that callers may be told of."""
    rows = await session.execute(select(Dealer.code, Dealer.short_name).where(Dealer.active).order_by(Dealer.code))
    return [(code, name) for code, name in rows]
