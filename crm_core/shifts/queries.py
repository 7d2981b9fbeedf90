"""Plans, leave and wishes as the pages and the figures ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.shifts.model import PlannedShift, PlanPublication, PlanStep, ShiftWish
from crm_core.shifts.times import Shift, ordered

OFF_DUTY = ("leave", "illness", "training")
SWAP = "swap"


async def shifts(
    session: AsyncSession, first: date, last: date, *, published: bool, agents: Collection[str] | None = None
) -> list[Shift]:
    """The shifts that begin on these days, both included; `agents` None = everybody."""
    statement = (
        select(PlannedShift)
        .where(PlannedShift.day >= first, PlannedShift.day <= last, PlannedShift.published.is_(published))
        .order_by(PlannedShift.day, PlannedShift.begins, PlannedShift.agent)
    )
    rows = await session.scalars(statement)
    return [shift_of(row) for row in rows if agents is None or row.agent in agents]


def shift_of(row: PlannedShift) -> Shift:
    return Shift(
        agent=row.agent, day=row.day, kind=row.kind, begins=row.begins, ends=row.ends, breaks=ordered(row.breaks)
    )


async def absences(session: AsyncSession, first: date, last: date) -> dict[str, dict[date, str]]:
    """Agent to day to kind of the approved leave, illness and training of these days."""
    rows = await session.scalars(
        select(ShiftWish)
        .where(ShiftWish.kind.in_(OFF_DUTY), ShiftWish.state == "approved")
        .where(ShiftWish.first_day <= last, ShiftWish.last_day >= first)
    )
    found: dict[str, dict[date, str]] = defaultdict(dict)
    for row in rows:
        for ahead in range((min(row.last_day, last) - max(row.first_day, first)).days + 1):
            found[row.agent][max(row.first_day, first) + timedelta(days=ahead)] = row.kind
    return found


async def worked(
    session: AsyncSession, first: date, last: date, *, published: bool, agents: Collection[str] | None = None
) -> list[Shift]:
    """As `shifts`, without those of people who are on leave that day."""
    away = await absences(session, first, last)
    found = await shifts(session, first, last, published=published, agents=agents)
    return [one for one in found if one.day not in away.get(one.agent, {})]


async def last_publication(session: AsyncSession, week: date) -> PlanPublication | None:
    """The latest one of the week that begins on this Monday."""
    statement = select(PlanPublication).where(PlanPublication.week == week).order_by(PlanPublication.id.desc()).limit(1)
    found: PlanPublication | None = await session.scalar(statement)
    return found


async def last_step(session: AsyncSession, week: date, actor: str) -> PlanStep | None:
    """What this person changed last in this week and did not undo."""
    statement = (
        select(PlanStep)
        .where(PlanStep.week == week, PlanStep.actor == actor, PlanStep.undone.is_(False))
        .order_by(PlanStep.id.desc())
        .limit(1)
    )
    found: PlanStep | None = await session.scalar(statement)
    return found


async def open_wishes(session: AsyncSession, agents: Collection[str] | None) -> list[ShiftWish]:
    """What waits for a leader: leave that was asked for, swaps on which both agree; the oldest first."""
    ready = or_(
        (ShiftWish.kind != SWAP) & (ShiftWish.state == "asked"),
        (ShiftWish.kind == SWAP) & (ShiftWish.state == "agreed"),
    )
    rows = await session.scalars(select(ShiftWish).where(ready).order_by(ShiftWish.asked_at, ShiftWish.id))
    return [row for row in rows if agents is None or row.agent in agents]


async def decided_wishes(
    session: AsyncSession, agents: Collection[str] | None, since: datetime, *, limit: int = 100
) -> list[ShiftWish]:
    """What was decided since then, the latest first."""
    statement = (
        select(ShiftWish)
        .where(ShiftWish.state.in_(("approved", "refused")), ShiftWish.decided_at >= since)
        .order_by(ShiftWish.decided_at.desc(), ShiftWish.id.desc())
        .limit(limit)
    )
    return [row for row in await session.scalars(statement) if agents is None or row.agent in agents]


async def own_wishes(session: AsyncSession, agent: str, *, limit: int = 40) -> list[ShiftWish]:
    """What this agent asked for, or was asked by a colleague, the latest first."""
    statement = (
        select(ShiftWish)
        .where(or_(ShiftWish.agent == agent, ShiftWish.other == agent))
        .order_by(ShiftWish.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(statement))
