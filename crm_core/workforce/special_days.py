"""Days that are no ordinary ones: public holidays, swapped workdays, and what the calendars say besides."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.workforce.holidays import HOLIDAY, WORKDAY, SpecialDay, shipped_year
from crm_core.workforce.hours_model import CalendarDay


async def special_days(session: AsyncSession, first: date, last: date) -> dict[date, SpecialDay]:
    """From `first` to `last`, both included. What a calendar of the site says goes before what came with the product;
    of a day on which calendars differ a holiday goes before a workday."""
    found = {
        one.day: one
        for year in range(first.year, last.year + 1)
        for one in shipped_year(year)
        if first <= one.day <= last
    }
    rows = await session.scalars(
        select(CalendarDay)
        .where(CalendarDay.day >= first, CalendarDay.day <= last, CalendarDay.kind.in_((HOLIDAY, WORKDAY)))
        .order_by(CalendarDay.day, CalendarDay.kind.desc(), CalendarDay.id)
    )
    for row in rows:
        found[row.day] = SpecialDay(day=row.day, kind=row.kind, name=row.name)
    return found
