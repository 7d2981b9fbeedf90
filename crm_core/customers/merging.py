"""Two customers become one, and two again: every row that moved is written down, and can be given back.

What came in between two merges and their undoing stays with the kept customer: nobody can tell any more for whom of
the two it was, and the page that undoes says how much that is. See docs/decisions/0015-one-customer.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.campaigns.merging import one_of_each_cause
from crm_core.care.soon import plan_soon
from crm_core.customers.duplicates import mark
from crm_core.customers.identity_model import CustomerDuplicate, CustomerMerge, MergeRow
from crm_core.customers.model import Customer, CustomerProfile
from crm_core.customers.moving import give_back, move_rows
from crm_core.db import Base, storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.rows import plain

FIELDS = (
    *("kind", "name", "salutation", "gender", "birth_year", "language", "city", "preference", "brand", "dealer_id"),
    *("sales_consultant", "service_adviser", "customer_class", "class_reason", "source"),
)
"""What a person chooses between; `name` brings its spelling along, `customer_class` its reason."""
_TOGETHER = {"name": ("name_pinyin",), "customer_class": ("class_reason",)}
_EMPTY = (None, "", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged:
    """`given_back` and `stayed` count rows by table: what went back, and what came in between and stays."""

    keep_id: int
    drop_id: int
    given_back: Mapping[str, int]
    stayed: Mapping[str, int]


async def merge(
    session: AsyncSession, keep_id: int, drop_id: int, *, chosen: Collection[str] = (), actor: str, at: datetime
) -> CustomerMerge:
    """`drop_id` becomes part of `keep_id`, with every row that points to it; it stays as a tombstone.

    `chosen` are fields of FIELDS taken from the dropped one; what the kept one lacks is filled from it anyway.
    Raises NotFound, or Refused for a customer who was merged already.
    """
    unknown = sorted(set(chosen) - set(FIELDS))
    if unknown:
        raise Invalid("There is no field {field} to choose.", field=unknown[0][:40])
    keep, drop = await _both(session, keep_id, drop_id)
    row = CustomerMerge(
        keep_id=keep_id, drop_id=drop_id, chosen=sorted(chosen), merged_at=at, merged_by=storable(actor, 16)
    )
    session.add(row)
    await session.flush()
    await _take_fields(session, row, keep, drop)
    keep.updated_at = at
    await _fill_profile(session, row)
    await one_of_each_cause(session, row)
    moved = await move_rows(session, row)
    drop.merged_into_id, drop.updated_at = keep_id, at
    await _decide(session, row, "merged", actor=actor, at=at)
    await session.flush()
    await mark(session, (keep_id,))
    facts = {"into": keep_id, "merged": drop_id, "merge": row.id}
    await plan_soon(session, [keep_id, drop_id], at)
    await tell(session, "customer.merged", f"customer/{drop_id}", facts, at=at)
    detail = noting(moved=sum(moved.values()), tables=dict(sorted(moved.items())))
    subject = f"customer/{keep_id}+{drop_id}"
    await audit(session, at=at, actor=actor, action="customers_merged", subject=subject, detail=detail)
    return row


async def unmerge(session: AsyncSession, merge_id: int, *, actor: str, at: datetime) -> Unmerged:
    """Give the dropped customer every row back, wherever it is now, and the kept one its own fields.

    A field that somebody changed since stays changed. Raises NotFound; Refused when the kept one is itself part of a
    third customer: that merge is undone first.
    """
    row = await session.get(CustomerMerge, merge_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such merge.")
    if row.undone_at is not None:
        raise Refused("This merge was undone already.")
    drop = await session.get_one(Customer, row.drop_id, with_for_update=True)
    keep = await session.get_one(Customer, row.keep_id, with_for_update=True)
    if keep.merged_into_id is not None:
        raise Refused("{name} was merged into another customer since. Undo that merge first.", name=keep.name)
    drop.merged_into_id, drop.updated_at = None, at
    await session.flush()
    given_back = await give_back(session, row)
    row.undone_at, row.undone_by = at, storable(actor, 16)
    stayed = await _came_in_between(session, row)
    await _decide(session, row, "refused", actor=actor, at=at)
    await session.flush()
    await mark(session, (row.keep_id, row.drop_id))
    facts = {"from": row.keep_id, "customer": row.drop_id, "merge": row.id}
    await plan_soon(session, [row.keep_id, row.drop_id], at)
    await tell(session, "customer.unmerged", f"customer/{row.drop_id}", facts, at=at)
    subject = f"customer/{row.keep_id}+{row.drop_id}"
    await audit(session, at=at, actor=actor, action="customers_unmerged", subject=subject, detail=f"merge/{merge_id}")
    return Unmerged(keep_id=row.keep_id, drop_id=row.drop_id, given_back=given_back, stayed=stayed)


async def current_id(session: AsyncSession, customer_id: int) -> int:
    """The customer whom this one became part of, over any number of merges; the id itself for a living one."""
    seen = {customer_id}
    while True:
        into = await session.scalar(select(Customer.merged_into_id).where(Customer.id == customer_id))
        if into is None or into in seen:
            return customer_id
        seen.add(customer_id := into)


async def merges_of(session: AsyncSession, customer_id: int) -> list[CustomerMerge]:
    """The merges of this customer that hold, the latest first."""
    mine = or_(CustomerMerge.keep_id == customer_id, CustomerMerge.drop_id == customer_id)
    rows = select(CustomerMerge).where(mine, CustomerMerge.undone_at.is_(None)).order_by(CustomerMerge.id.desc())
    return list(await session.scalars(rows))


async def follow_up(session: AsyncSession, since: datetime) -> int:
    """Bring along what was written for a dropped customer after the merge, e.g. by a call that began before it."""
    moved = 0
    recent = select(CustomerMerge).where(CustomerMerge.undone_at.is_(None), CustomerMerge.merged_at >= since)
    for row in await session.scalars(recent.order_by(CustomerMerge.id)):
        await one_of_each_cause(session, row)
        moved += sum((await move_rows(session, row)).values())
    return moved


async def _both(session: AsyncSession, keep_id: int, drop_id: int) -> tuple[Customer, Customer]:
    if keep_id == drop_id:
        raise Invalid("Choose two customers.", field="drop_id")
    # In the order of the ids, so that two who merge crosswise wait for each other instead of locking.
    found = {}
    for customer_id in sorted((keep_id, drop_id)):
        found[customer_id] = await session.get(Customer, customer_id, with_for_update=True)
    keep, drop = found[keep_id], found[drop_id]
    if keep is None or drop is None:
        raise NotFound("There is no such customer.")
    if keep.merged_into_id is not None or drop.merged_into_id is not None:
        raise Refused("One of the two was merged meanwhile. Load the page again.")
    return keep, drop


async def _take_fields(session: AsyncSession, row: CustomerMerge, keep: Customer, drop: Customer) -> None:
    wanted = {field for field in FIELDS if field in row.chosen or getattr(keep, field) in _EMPTY}
    wanted = {other for field in wanted for other in (field, *_TOGETHER.get(field, ()))}
    if keep.customer_class == "standard" != drop.customer_class:
        wanted |= {"customer_class", "class_reason"}
    values: dict[str, Any] = {name: getattr(drop, name) for name in wanted}
    values |= {"value_yuan": keep.value_yuan + drop.value_yuan, "referrals": keep.referrals + drop.referrals}
    times = [time for time in (keep.last_contact_at, drop.last_contact_at) if time is not None]
    values |= {"created_at": min(keep.created_at, drop.created_at), "last_contact_at": max(times, default=None)}
    changed = {name: value for name, value in values.items() if getattr(keep, name) != value}
    before = {name: getattr(keep, name) for name in changed}
    session.add(_note(row, Customer, before, changed))
    for name, value in changed.items():
        setattr(keep, name, value)


async def _fill_profile(session: AsyncSession, row: CustomerMerge) -> None:
    """The kept customer's answers hold; what was never asked is taken from the other's."""
    mine, others = [await session.get(CustomerProfile, one) for one in (row.keep_id, row.drop_id)]
    if mine is None or others is None:
        return
    names = [column.key for column in CustomerProfile.__table__.columns if column.key != "customer_id"]
    changed = {
        name: getattr(others, name)
        for name in names
        if getattr(mine, name) in _EMPTY and getattr(others, name) not in _EMPTY
    }
    before = {name: getattr(mine, name) for name in changed}
    session.add(_note(row, CustomerProfile, before, changed))
    for name, value in changed.items():
        setattr(mine, name, value)
    await session.flush()


def _note(row: CustomerMerge, table: type[Base], before: Mapping[str, Any], after: Mapping[str, Any]) -> MergeRow:
    """What changed in the kept customer's own row of this table."""
    key = {column.name: row.keep_id for column in table.__table__.primary_key}
    return MergeRow(merge_id=row.id, of_table=table.__tablename__, key=key, before=plain(before), after=plain(after))


async def _decide(session: AsyncSession, row: CustomerMerge, state: str, *, actor: str, at: datetime) -> None:
    first, second = sorted((row.keep_id, row.drop_id))
    found = await session.scalar(
        select(CustomerDuplicate).where(CustomerDuplicate.one_id == first, CustomerDuplicate.other_id == second)
    )
    if found is None:
        found = CustomerDuplicate(one_id=first, other_id=second, score=0, reasons=[], found_at=at)
        session.add(found)
    found.state, found.decided_at, found.decided_by = state, at, storable(actor, 16)


async def _came_in_between(session: AsyncSession, row: CustomerMerge) -> dict[str, int]:
    """Contacts, cases and leads of the kept customer since the merge, by table: they stay there."""
    tables = Base.metadata.tables
    asked = {"contact": "started_at", "case_file": "opened_at", "lead": "created_at"}
    counts: Counter[str] = Counter()
    for name, since in asked.items():
        table = tables[name]
        new = (table.c.customer_id == row.keep_id, table.c[since] > row.merged_at)
        counts[name] = await session.scalar(select(func.count()).select_from(table).where(*new)) or 0
    return {name: count for name, count in counts.items() if count}
