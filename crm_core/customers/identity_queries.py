"""What the pages show of duplicates and merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.customers.duplicates import reasons_of
from crm_core.customers.identities import identities
from crm_core.customers.identity_model import CustomerDuplicate, CustomerMerge, MergeRow
from crm_core.customers.matching import Match, Reason, compare
from crm_core.customers.merging import FIELDS
from crm_core.customers.model import Customer
from crm_core.customers.ownership import owned_columns
from crm_core.db import Base
from crm_core.dealers.model import Dealer
from crm_core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A suggestion or a decision, with both customers."""

    row: CustomerDuplicate
    one: Customer
    other: Customer
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two customers side by side. `counts`: table -> (rows of the one, rows of the other)."""

    one: Customer
    other: Customer
    dealers: Mapping[int, str]
    match: Match
    counts: Mapping[str, tuple[int, int]]
    numbers: tuple[Sequence[str], Sequence[str]]
    vehicles: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]

    def differing(self) -> list[str]:
        """Fields that a person chooses between: both sides say something, and not the same."""
        return [name for name in FIELDS if name != "class_reason" and len(set(self.both(name)) - {None, ""}) == 2]

    def shown(self) -> list[str]:
        """Fields that at least one side has."""
        return [name for name in FIELDS if name != "class_reason" and set(self.both(name)) - {None, ""}]

    def both(self, name: str) -> tuple[Any, Any]:
        return getattr(self.one, name), getattr(self.other, name)


PAGE = 50


async def pairs(session: AsyncSession, *, state: str, least: int = 0, kind: str = "", page: int = 1) -> list[Pair]:
    """The surest first, decided ones by the time of the decision. `kind` = with this reason among the first."""
    one, other = aliased(Customer), aliased(Customer)
    row = CustomerDuplicate
    order = (row.score.desc(), row.id) if state == "open" else (row.decided_at.desc(), row.id.desc())
    statement = (
        select(row, one, other)
        .join(one, one.id == row.one_id)
        .join(other, other.id == row.other_id)
        .where(row.state == state, row.score >= least)
        .order_by(*order)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    if state == "open":
        statement = statement.where(one.merged_into_id.is_(None), other.merged_into_id.is_(None))
    if kind:
        statement = statement.where(one.kind == kind)
    found = await session.execute(statement)
    return [Pair(row=row, one=first, other=second, reasons=reasons_of(row)) for row, first, second in found]


async def pair_counts(session: AsyncSession) -> dict[str, int]:
    """By state."""
    rows = await session.execute(select(CustomerDuplicate.state, func.count()).group_by(CustomerDuplicate.state))
    return {row[0]: row[1] for row in rows}


async def merges(session: AsyncSession, *, limit: int = 100) -> list[tuple[CustomerMerge, Customer, Customer, int]]:
    """The latest first: the merge, the kept and the dropped customer, and how many rows it touched."""
    keep, drop = aliased(Customer), aliased(Customer)
    touched = select(func.count()).where(MergeRow.merge_id == CustomerMerge.id).scalar_subquery()
    statement = (
        select(CustomerMerge, keep, drop, touched)
        .join(keep, keep.id == CustomerMerge.keep_id)
        .join(drop, drop.id == CustomerMerge.drop_id)
        .order_by(CustomerMerge.id.desc())
        .limit(limit)
    )
    return [(merge, kept, dropped, count) for merge, kept, dropped, count in await session.execute(statement)]


async def compared(session: AsyncSession, one_id: int, other_id: int) -> Compared:
    """Raises NotFound when one of the two is unknown or was merged."""
    rows = await session.scalars(
        select(Customer).where(Customer.id.in_((one_id, other_id)), Customer.merged_into_id.is_(None))
    )
    found = {row.id: row for row in rows}
    if one_id == other_id or len(found) < 2:
        raise NotFound("There are no such two customers. One of them may have been merged.")
    facts = await identities(session, found)
    dealer_ids = {row.dealer_id for row in found.values() if row.dealer_id}
    dealers = await session.execute(select(Dealer.id, Dealer.short_name).where(Dealer.id.in_(dealer_ids)))
    one, other = facts[one_id], facts[other_id]
    return Compared(
        one=found[one_id],
        other=found[other_id],
        dealers={row.id: row.short_name for row in dealers},
        match=compare(one, other),
        counts=await _counts(session, one_id, other_id),
        numbers=(sorted(one.numbers | one.shared), sorted(other.numbers | other.shared)),
        vehicles=(sorted(one.vehicles), sorted(other.vehicles)),
    )


async def _counts(session: AsyncSession, one_id: int, other_id: int) -> dict[str, tuple[int, int]]:
    """Rows of each by table, but for tables in which neither has any."""
    counts: dict[str, tuple[int, int]] = {}
    for owned in owned_columns(Base.metadata):
        mine = select(owned.column, func.count()).where(owned.column.in_((one_id, other_id))).group_by(owned.column)
        found = {row[0]: row[1] for row in await session.execute(mine)}
        if found:
            before = counts.get(owned.table.name, (0, 0))
            counts[owned.table.name] = before[0] + found.get(one_id, 0), before[1] + found.get(other_id, 0)
    return counts
