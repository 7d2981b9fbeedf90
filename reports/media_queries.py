"""Calls, enquiries and visitors by region and day of the site."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, cast, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import from_instant
from crm_core.customers.model import Customer
from crm_core.dealers.model import DailyFigures, Dealer
from crm_core.history.model import Contact
from reports.media_effect import WEEKS_BEFORE
from reports.periods import midnight

QUARTER = 900  # seconds; every zone of the world begins its day at a full quarter of an hour


async def regions(session: AsyncSession) -> list[str]:
    """Those that dealers belong to, by name."""
    rows = await session.scalars(select(Dealer.region).where(Dealer.region != "", Dealer.active).distinct())
    return sorted(rows)


def days_needed(first: date, last: date) -> tuple[date, date]:
    """The days that an effect between these is read from."""
    return first - timedelta(weeks=WEEKS_BEFORE + (last - first).days // 7 + 1), last


async def calls_by_region(
    session: AsyncSession, first: date, last: date, zone: ZoneInfo
) -> dict[tuple[str, date], int]:
    """Inbound calls of the days first to last by the region of the customer's dealer, "" = caller without a dealer.

    A day without a call is 0 for every region that has one at all: the line was open, nobody called.
    """
    start, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    found = await _calls(session, start, end, zone)
    known = {region for region, _ in found}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {(region, day): found.get((region, day), 0) for region in known for day in days}


async def _calls(session: AsyncSession, start: datetime, end: datetime, zone: ZoneInfo) -> dict[tuple[str, date], int]:
    quarter = cast(extract("epoch", Contact.started_at), BigInteger) // QUARTER
    rows = await session.execute(
        select(Dealer.region, quarter, func.count())
        .select_from(Contact)
        .join(Customer, Customer.id == Contact.customer_id, isouter=True)
        .join(Dealer, Dealer.id == Customer.dealer_id, isouter=True)
        .where(Contact.started_at >= start, Contact.started_at < end, Contact.direction == "inbound")
        .group_by(Dealer.region, quarter)
    )
    found: dict[tuple[str, date], int] = {}
    for region, number, count in rows:
        key = (region or "", from_instant(number * QUARTER).astimezone(zone).date())
        found[key] = found.get(key, 0) + count
    return found


async def showrooms_by_region(session: AsyncSession, first: date, last: date) -> dict[str, dict[tuple[str, date], int]]:
    """Visitors and telephone enquiries as the dealers reported them, by measure; a missing report is no zero.

    Only days that every second dealer of the region reported at least: fewer would look like a fall.
    """
    rows = await session.execute(
        select(
            Dealer.region,
            DailyFigures.day,
            func.sum(DailyFigures.visitors),
            func.sum(DailyFigures.enquiries),
            func.count(),
        )
        .join(Dealer, Dealer.id == DailyFigures.dealer_id)
        .where(DailyFigures.day >= first, DailyFigures.day <= last, Dealer.region != "")
        .group_by(Dealer.region, DailyFigures.day)
    )
    told = list(rows)
    most: dict[str, int] = {}
    for region, _, _, _, count in told:
        most[region] = max(most.get(region, 0), count)
    found: dict[str, dict[tuple[str, date], int]] = {"visitors": {}, "enquiries": {}}
    for region, day, visitors, enquiries, count in told:
        if count * 2 >= most[region]:
            share = most[region] / count  # as if all had reported
            found["visitors"][region, day] = round(visitors * share)
            found["enquiries"][region, day] = round(enquiries * share)
    return found
