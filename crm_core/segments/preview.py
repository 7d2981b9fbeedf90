"""What a change of the class rules would do, before it is saved: counted in one scan, without touching anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.customers.model import Customer
from crm_core.segments.model import CustomerWorth
from crm_core.segments.rulebook import CLASSES, ClassRule

SHOWN = 5
MEASURED: dict[str, InstrumentedAttribute[Any]] = {
    "vehicles_any_3y": CustomerWorth.vehicles_any_3y,
    "vehicles_3y": CustomerWorth.vehicles_3y,
    "vehicles": CustomerWorth.vehicles,
    "value_yuan": CustomerWorth.value_yuan,
    "referrals": CustomerWorth.referrals,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """So many customers would go from one class to another; a few of them by name."""

    before: str
    after: str
    customers: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`totals`: how many each class would have. Classes that a person gave stay as they are."""

    moves: tuple[Move, ...]
    totals: dict[str, int]


def class_in_sql(rules: Sequence[ClassRule]) -> ColumnElement[str]:
    """The same decision as segments.classes.classify, on the kept measures; a manual class stays."""
    whens: list[tuple[ColumnElement[bool], Any]] = [(CustomerWorth.manual.is_(True), CustomerWorth.customer_class)]
    for word in reversed(CLASSES):
        for rule in rules:
            if rule.gives == word:
                holds = and_(*(MEASURED[one.measure] >= one.least for one in rule.conditions))
                whens.append((holds, word))
    return case(*whens, else_=CLASSES[0])


async def preview(session: AsyncSession, rules: Sequence[ClassRule]) -> Preview:
    """Who would change class under these rules."""
    after = class_in_sql(rules)
    counted = select(CustomerWorth.customer_class, after, func.count()).group_by(CustomerWorth.customer_class, after)
    rows = (await session.execute(counted)).all()
    totals = dict.fromkeys(CLASSES, 0)
    moves = []
    for before, word, count in rows:
        totals[word] += count
        if before != word:
            names = await _names(session, before, word, after)
            moves.append(Move(before=before, after=word, customers=count, names=names))
    return Preview(moves=tuple(sorted(moves, key=lambda one: -one.customers)), totals=totals)


async def _names(session: AsyncSession, before: str, word: str, after: ColumnElement[str]) -> tuple[str, ...]:
    statement = (
        select(Customer.name)
        .join(CustomerWorth, CustomerWorth.customer_id == Customer.id)
        .where(CustomerWorth.customer_class == before, after == word)
        .order_by(CustomerWorth.value_yuan.desc(), Customer.id)
        .limit(SHOWN)
    )
    return tuple(await session.scalars(statement))
