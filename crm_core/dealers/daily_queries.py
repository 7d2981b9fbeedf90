"""The days a dealer reported and those that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.dealers.daily_rules import KEPT_OPEN, due_at, missing
from crm_core.dealers.model import DailyFigures, Dealer
from crm_core.dealers.network_model import FiguresChange

MISSING_SHOWN = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One day of one dealer; `figures` None = not reported. `late` = after its hour, `overdue` = still missing."""

    day: date
    figures: DailyFigures | None
    late: bool
    overdue: bool
    changes: Sequence[FiguresChange]


async def day_lines(
    session: AsyncSession, dealer_id: int, reach: Reach, *, now: datetime, until: int, zone: tzinfo
) -> list[DayLine]:
    """The days that can still be given or corrected, today first."""
    reach.require(dealer_id)
    today = now.astimezone(zone).date()
    first = today - KEPT_OPEN
    rows = await session.scalars(
        select(DailyFigures).where(DailyFigures.dealer_id == dealer_id, DailyFigures.day >= first)
    )
    known = {row.day: row for row in rows}
    changed = await session.scalars(
        select(FiguresChange)
        .where(FiguresChange.dealer_id == dealer_id, FiguresChange.day >= first)
        .order_by(FiguresChange.at)
    )
    changes: dict[date, list[FiguresChange]] = {}
    for one in changed:
        changes.setdefault(one.day, []).append(one)
    lines = []
    for ago in range(KEPT_OPEN.days + 1):
        day = today - timedelta(days=ago)
        row, deadline = known.get(day), due_at(day, until, zone)
        lines.append(
            DayLine(
                day=day,
                figures=row,
                late=row is not None and row.reported_at > deadline,
                overdue=row is None and deadline <= now,
                changes=changes.get(day, []),
            )
        )
    return lines


async def missing_days(
    session: AsyncSession, reach: Reach, *, now: datetime, until: int, zone: tzinfo
) -> dict[int, list[date]]:
    """Dealer to the overdue days of the last two weeks, newest first; a dealer without any is absent."""
    first = now.astimezone(zone).date() - MISSING_SHOWN
    dealers = await session.scalars(select(Dealer.id).where(Dealer.active, reach.condition(Dealer.id)))
    rows = await session.execute(
        select(DailyFigures.dealer_id, DailyFigures.day).where(
            DailyFigures.day >= first, reach.condition(DailyFigures.dealer_id)
        )
    )
    reported: dict[int, set[date]] = {}
    for dealer_id, day in rows:
        reported.setdefault(dealer_id, set()).add(day)
    found = {one: missing(reported.get(one, set()), first, now, until, zone) for one in dealers}
    return {dealer_id: days for dealer_id, days in found.items() if days}


async def figures_of(session: AsyncSession, dealer_ids: Sequence[int], day: date) -> dict[int, DailyFigures]:
    """The figures of one day, by dealer."""
    rows = await session.scalars(
        select(DailyFigures).where(DailyFigures.day == day, DailyFigures.dealer_id.in_(dealer_ids))
    )
    return {row.dealer_id: row for row in rows}
