"""All customers at a glance: classes, stages, the RFM map, and who they are, whether they stay, what they bring.

Profiling, persistency and profitability of the 7P analysis (B-118); repeat purchase and referral (B-120).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.access.reach import Reach
from crm_core.segments.model import CustomerWorth, WorthCount

W = CustomerWorth
AGES = (30, 40, 50, 60)
CITIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of the customers: its word, how many, and what they are worth together."""

    word: str
    customers: int
    value_yuan: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Of the RFM map: recency digit (column) by frequency digit (row); `value` is the average value digit."""

    recency: int
    frequency: int
    customers: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """Rates have their numerator and denominator: every number opens.

    `kept`: owners of more than a year who gave a sign of life in the last 365 days, over all such owners (retention).
    `repeat`: owners who bought at least twice, over all owners. `referring`: owners with a won referral.
    `best_fifth_yuan`: what the fifth with the best value rank brings, of `value_yuan`.
    """

    customers: int
    owners: int
    repeat: int
    referring: int
    old_owners: int
    kept: int
    fresh: int
    dormant: int
    value_yuan: int
    best_fifth_yuan: int
    expected_yuan: int
    classes: tuple[Share, ...]
    stages: tuple[Share, ...]
    risks: tuple[Share, ...]
    needs: tuple[Share, ...]
    kinds: tuple[Share, ...]
    ages: tuple[Share, ...]
    cities: tuple[Share, ...]
    cells: tuple[Cell, ...]


async def portrait(session: AsyncSession, today: date, reach: Reach) -> Portrait:
    """In nine scans of the narrow table."""
    mine = reach.condition(W.dealer_id)
    return Portrait(
        **await _totals(session, today, mine),
        classes=await _shares(session, W.customer_class, mine),
        stages=await _shares(session, W.life_cycle_stage, mine),
        risks=await _shares(session, W.churn_risk, mine),
        needs=await _shares(session, W.next_need, mine),
        kinds=await _shares(session, W.kind, mine),
        ages=await _shares(session, _age_band(today), mine),
        cities=await _shares(session, W.city, mine, most=CITIES),
        cells=await _cells(session, mine),
    )


async def _totals(session: AsyncSession, today: date, mine: ColumnElement[bool]) -> dict[str, int]:
    year_ago = today - timedelta(days=365)
    owner = W.vehicles > 0
    old = owner & (W.known_since <= year_ago)
    best = case((W.value_rank >= 80, W.value_yuan), else_=0)
    asked: dict[str, ColumnElement[int]] = {
        "customers": func.count(),
        "owners": func.count().filter(owner),
        "repeat": func.count().filter(W.vehicles > 1),
        "referring": func.count().filter(owner, W.referrals > 0),
        "old_owners": func.count().filter(old),
        "kept": func.count().filter(old, W.recency_on > year_ago),
        "fresh": func.count().filter(W.known_since > today - timedelta(days=30)),
        "dormant": func.count().filter(W.dormant.is_(True)),
        "value_yuan": func.sum(cast(W.value_yuan, BigInteger)),
        "best_fifth_yuan": func.sum(cast(best, BigInteger)),
        "expected_yuan": func.sum(cast(W.expected_yuan, BigInteger)),
    }
    row = (await session.execute(select(*asked.values()).where(mine))).one()
    return {name: int(value or 0) for name, value in zip(asked, row, strict=True)}


async def _shares(
    session: AsyncSession,
    column: ColumnElement[str] | InstrumentedAttribute[str],
    mine: ColumnElement[bool],
    most: int | None = None,
) -> tuple[Share, ...]:
    """By how many, falling."""
    customers = func.count()
    statement = (
        select(column, customers, func.sum(cast(W.value_yuan, BigInteger)))
        .where(mine)
        .group_by(column)
        .order_by(customers.desc(), column)
        .limit(most)
    )
    rows = await session.execute(statement)
    return tuple(Share(word=word, customers=count, value_yuan=int(yuan)) for word, count, yuan in rows)


def _age_band(today: date) -> ColumnElement[str]:
    """ "" = the year of birth is not known; "30" = under 30, and so on; "61" = over the last."""
    born = W.birth_year
    bands = [(born > today.year - limit, str(limit)) for limit in AGES]
    return case((born.is_(None), ""), *bands, else_=str(AGES[-1] + 1))


async def _cells(session: AsyncSession, mine: ColumnElement[bool]) -> tuple[Cell, ...]:
    recency, frequency = W.recency_rank // 20 + 1, W.frequency_rank // 20 + 1
    value = func.sum(W.value_rank // 20 + 1)
    statement = select(recency, frequency, func.count(), value).where(mine).group_by(recency, frequency)
    rows = await session.execute(statement)
    return tuple(
        Cell(recency=int(r), frequency=int(f), customers=count, value=float(total) / count)
        for r, f, count, total in rows
    )


async def history(session: AsyncSession, measure: str, today: date, *, days: int = 30) -> dict[str, list[int]]:
    """How many customers each class, stage or risk had, day by day up to today; days without a count are left out."""
    since = today - timedelta(days=days)
    rows = await session.execute(
        select(WorthCount.word, WorthCount.day, WorthCount.customers)
        .where(WorthCount.measure == measure, WorthCount.day > since, WorthCount.day <= today)
        .order_by(WorthCount.day)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for word, _, customers in rows:
        found[word].append(customers)
    return dict(found)
