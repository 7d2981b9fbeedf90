"""Goals, corrections, older volumes and scenarios, as the staffing pages ask for them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.forecasts.model import ForecastCorrection, PastVolume, Scenario, StaffingGoal


async def goals(session: AsyncSession) -> dict[str, StaffingGoal]:
    """By queue; a queue that nobody set has none and is staffed by the defaults of the table."""
    return {row.queue: row for row in await session.scalars(select(StaffingGoal))}


async def corrections(session: AsyncSession, first: date, last: date, queue: str = "") -> list[ForecastCorrection]:
    """Those that hold on these days, both included, the oldest first."""
    statement = (
        select(ForecastCorrection)
        .where(ForecastCorrection.day >= first, ForecastCorrection.day <= last)
        .where(ForecastCorrection.removed_at.is_(None))
        .order_by(ForecastCorrection.id)
    )
    if queue:
        statement = statement.where(ForecastCorrection.queue == queue)
    return list(await session.scalars(statement))


async def past_volumes(session: AsyncSession, queue: str, first: date, last: date) -> list[PastVolume]:
    statement = (
        select(PastVolume)
        .where(PastVolume.queue == queue, PastVolume.day >= first, PastVolume.day <= last)
        .order_by(PastVolume.day)
    )
    return list(await session.scalars(statement))


async def scenarios(session: AsyncSession, *, limit: int = 30) -> list[Scenario]:
    """The latest first."""
    return list(await session.scalars(select(Scenario).order_by(Scenario.id.desc()).limit(limit)))
