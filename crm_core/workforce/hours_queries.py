"""The calendars of the hotline numbers, and whether somebody has closed the hotline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm_core.workforce.hours_model import CalendarRow, Closure
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.opening_hours import OpeningHours, calendar_hours


async def calendars(session: AsyncSession) -> list[CalendarRow]:
    """All calendars with their days, in the order in which people list them."""
    statement = (
        select(CalendarRow).order_by(CalendarRow.position, CalendarRow.id).options(selectinload(CalendarRow.days))
    )
    return list(await session.scalars(statement.execution_options(populate_existing=True)))


def hours_of(row: CalendarRow, zone: ZoneInfo) -> OpeningHours:
    """A calendar's hours as they are asked for; its days must be loaded."""
    return calendar_hours(zone, row.week, [(day.day, day.kind, day.as_weekday, day.spans) for day in row.days])


class ForEntries(Protocol):
    """Holds for the hotline numbers in `entries`; an empty one for every number."""

    @property
    def entries(self) -> Sequence[str]: ...


One = TypeVar("One", bound=ForEntries)


def calendar_of(calendars: Iterable[One], entry: str) -> One | None:
    """The calendar that names this hotline number, else the first that names none; None = there is no such."""
    general = None
    for calendar in calendars:
        if entry in calendar.entries:
            return calendar
        if not calendar.entries and general is None:
            general = calendar
    return general


async def calendars_stamp(session: AsyncSession) -> int:
    """Differs after every save of a calendar: what was read before is still true while this is the same."""
    latest = select(func.max(WorkforceVersion.id)).where(WorkforceVersion.kind == "calendar")
    return await session.scalar(latest) or 0


async def closures_now(session: AsyncSession, at: datetime) -> list[Closure]:
    """The closures in force at `at`, the newest first."""
    statement = (
        select(Closure)
        .where(Closure.ended_at.is_(None), Closure.began_at <= at)
        .where((Closure.ends_at.is_(None)) | (Closure.ends_at > at))
        .order_by(Closure.id.desc())
    )
    return list(await session.scalars(statement))


def closure_of(closures: Iterable[One], entry: str) -> One | None:
    """The closure that holds for this hotline number; None = open as the calendar says."""
    return next((closure for closure in closures if not closure.entries or entry in closure.entries), None)


async def past_closures(session: AsyncSession, *, limit: int = 20) -> list[Closure]:
    """The last closures, those in force included, newest first."""
    return list(await session.scalars(select(Closure).order_by(Closure.id.desc()).limit(limit)))
