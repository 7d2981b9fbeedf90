"""Where the percents of all customers lie, found and applied in SQL: the same ranks as segments.ranks gives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.segments import ranks
from crm_core.segments.model import CustomerWorth, WorthCuts
from crm_core.segments.upsert import upsert

MEASURED: Mapping[str, ColumnElement[Any]] = {
    "recency": CustomerWorth.recency_on.expression,
    "frequency": CustomerWorth.contacts + CustomerWorth.visits,
    "value": CustomerWorth.value_yuan.expression,
}


async def write_cuts(session: AsyncSession) -> None:
    """From all customers as they are now."""
    for measure, column in MEASURED.items():
        per_value = await session.execute(select(column, func.count()).select_from(CustomerWorth).group_by(column))
        numbers = [(_number(measure, value), count) for value, count in per_value]
        await upsert(session, WorthCuts, [{"measure": measure, "cuts": cuts_of(sorted(numbers))}])


def _number(measure: str, value: Any) -> int:
    return ranks.recency_number(value) if measure == "recency" else int(value)


def cuts_of(per_value: Sequence[tuple[int, int]]) -> list[int]:
    """The 99 cuts of (value, how many customers have it), values rising; [] = nobody is there."""
    places = ranks.cut_places(sum(count for _, count in per_value))
    cuts: list[int] = []
    passed = 0
    for value, count in per_value:
        passed += count
        while len(cuts) < len(places) and places[len(cuts)] < passed:
            cuts.append(value)
    return cuts


async def apply_cuts(session: AsyncSession, first: int, last: int) -> None:
    """New ranks for the customers first to last, and the digits on those customers where they differ."""
    cuts = {row.measure: row.cuts for row in await session.scalars(select(WorthCuts))}
    within = CustomerWorth.customer_id.between(first, last)
    new = {f"{measure}_rank": rank_in_sql(measure, cuts[measure]) for measure in ranks.MEASURES}
    ranked = update(CustomerWorth).where(within).values(**new)
    await session.execute(ranked.execution_options(synchronize_session=False))
    recency, frequency, value = (
        cast(getattr(CustomerWorth, f"{one}_rank") // 20 + 1, String) for one in ranks.MEASURES
    )
    digits = recency.concat(frequency).concat(value)
    mine = select(digits).where(CustomerWorth.customer_id == Customer.id).correlate(Customer)
    differs = mine.where(digits != Customer.rfm).exists()
    changed = update(Customer).where(Customer.id.between(first, last), differs).values(rfm=mine.scalar_subquery())
    await session.execute(changed.execution_options(synchronize_session=False))


def rank_in_sql(measure: str, cuts: Sequence[int]) -> ColumnElement[int]:
    """As ranks.rank: asked from the best cut down, above it and on it."""
    column = MEASURED[measure]
    whens: list[tuple[ColumnElement[bool], int]] = [(_nothing(measure, column), 0)]
    for cut in sorted({cut for cut in cuts if cut > 0}, reverse=True):
        value = date.fromordinal(cut) if measure == "recency" else cut
        whens.append((column > value, bisect_right(cuts, cut)))
        whens.append((column == value, ranks.rank(cut, cuts)))
    below = sum(cut <= 0 for cut in cuts)
    return case(*whens, else_=below)


def _nothing(measure: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.is_(None) if measure == "recency" else column <= 0
