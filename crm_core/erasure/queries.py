"""Requests for erasure and what became of each thing, for pages and commands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.erasure.model import ErasureItem, ErasureRequest
from crm_core.erasure.scope import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Things of one kind with one reason to stay ("" = they go)."""

    kind: str
    why: str
    count: int
    bytes: int


def sums(things: list[Thing]) -> list[Sum]:
    """What goes before what stays, each kind and reason once."""
    counts: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for one in things:
        key = (str(one.kind), str(one.why))
        counts[key] += int(one.subject.partition(":")[2]) if one.kind == "call" else 1
        sizes[key] += one.bytes
    ordered = sorted(counts, key=lambda key: (bool(key[1]), list(counts).index(key)))
    return [Sum(kind=kind, why=why, count=counts[kind, why], bytes=sizes[kind, why]) for kind, why in ordered]


async def requests(session: AsyncSession, customer: int | None = None, most: int = 50) -> list[ErasureRequest]:
    """Open ones first, then the newest."""
    rows = select(ErasureRequest)
    if customer is not None:
        rows = rows.where(ErasureRequest.customer_id == customer)
    open_first = ErasureRequest.ended_at.is_(None).desc()
    return list(await session.scalars(rows.order_by(open_first, ErasureRequest.id.desc()).limit(most)))


async def items(session: AsyncSession, request: int, most: int = 1_000_000) -> list[ErasureItem]:
    """In the order in which they were put down."""
    rows = select(ErasureItem).where(ErasureItem.request_id == request).order_by(ErasureItem.id)
    return list(await session.scalars(rows.limit(most)))


async def results(session: AsyncSession, request: int) -> dict[tuple[str, str, str], int]:
    """(kind, result, why) -> how many."""
    columns = (ErasureItem.kind, ErasureItem.result, ErasureItem.why)
    rows = select(*columns, func.count()).where(ErasureItem.request_id == request).group_by(*columns)
    return {(row[0], row[1], row[2]): int(row[3]) for row in await session.execute(rows.order_by(*columns))}
