"""All customers at a glance: classes, stages, the RFM map, and who they are, whether they stay, what they bring.

Profiling, persistency and profitability of the 7P analysis (B-118); repeat purchase and referral (B-120).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    """In four scans of the narrow table: most shares are added up from the groups of one."""
    mine = reach.condition(W.dealer_id)
    words = (W.customer_class, W.life_cycle_stage, W.churn_risk, W.next_need, W.kind)
    classes, stages, risks, needs, kinds = await _shares(session, words, mine)
    ages, cells = await _ages_and_cells(session, today, mine)
    (cities,) = await _shares(session, (W.city,), mine)
    return Portrait(
        **await _totals(session, today, mine),
        classes=classes,
        stages=stages,
        risks=risks,
        needs=needs,
        kinds=kinds,
        ages=ages,
        cities=cities[:CITIES],
        cells=cells,
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
    session: AsyncSession, columns: Sequence[InstrumentedAttribute[str]], mine: ColumnElement[bool]
) -> list[tuple[Share, ...]]:
    """For each column its words, the most frequent first."""
    grouped = select(*columns, func.count(), func.sum(cast(W.value_yuan, BigInteger))).where(mine).group_by(*columns)
    found: list[dict[str, tuple[int, int]]] = [{} for _ in columns]
    for *words, count, yuan in await session.execute(grouped):
        for place, word in enumerate(words):
            customers, value = found[place].get(word, (0, 0))
            found[place][word] = customers + count, value + int(yuan)
    return [_falling(one) for one in found]


def _falling(found: Mapping[str, tuple[int, int]]) -> tuple[Share, ...]:
    shares = [Share(word=word, customers=count, value_yuan=yuan) for word, (count, yuan) in found.items()]
    return tuple(sorted(shares, key=lambda one: (-one.customers, one.word)))


def _age_band(today: date) -> ColumnElement[str]:
    """ "" = the year of birth is not known; "30" = under 30, and so on; "61" = over the last."""
    born = W.birth_year
    bands = [(born > today.year - limit, str(limit)) for limit in AGES]
    return case((born.is_(None), ""), *bands, else_=str(AGES[-1] + 1))


async def _ages_and_cells(
    session: AsyncSession, today: date, mine: ColumnElement[bool]
) -> tuple[tuple[Share, ...], tuple[Cell, ...]]:
    keys = (_age_band(today), W.recency_rank // 20 + 1, W.frequency_rank // 20 + 1)
    digits, yuan = func.sum(W.value_rank // 20 + 1), func.sum(cast(W.value_yuan, BigInteger))
    ages: dict[str, tuple[int, int]] = {}
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    for age, recency, frequency, count, value, money in await session.execute(
        select(*keys, func.count(), digits, yuan).where(mine).group_by(*keys)
    ):
        customers, earlier = ages.get(age, (0, 0))
        ages[age] = customers + count, earlier + int(money)
        place = int(recency), int(frequency)
        customers, earlier = cells.get(place, (0, 0))
        cells[place] = customers + count, earlier + int(value)
    map_of_all = tuple(
        Cell(recency=recency, frequency=frequency, customers=count, value=total / count)
        for (recency, frequency), (count, total) in sorted(cells.items())
    )
    return _falling(ages), map_of_all


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
