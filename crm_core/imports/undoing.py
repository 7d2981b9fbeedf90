"""Taking an import back: every row it made goes, every value it set is set back, unless somebody worked on it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.soon import plan_everybody_soon
from crm_core.customers.duplicates import mark
from crm_core.customers.ownership import references_to
from crm_core.db import Base
from crm_core.imports.batch import filled
from crm_core.imports.model import DataImport, ImportChange
from crm_core.integration.outbox import tell
from crm_core.rows import is_row, plain, restored

_AT_ONCE = 500
Overlay = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]
_UNSAID = frozenset({"updated_at", "last_contact_at", "value_yuan", "rfm", "life_cycle_stage", "stage_reason"}) | {
    "churn_risk",
    "churn_reason",
    "customer_class",
    "class_reason",
}
"""Columns that the platform keeps by itself: a change of these is nobody's work."""
_OUR_NOTES = frozenset({"customer_duplicate", "duplicate_check"})


async def look(session: AsyncSession, row: DataImport, at: datetime) -> bool:
    """Whether all is as the import left it; else it stays done and `failure` says how much is not. Reads only."""
    changed = 0
    made: dict[str, set[tuple[Any, ...]]] = {}
    later: Overlay = {}
    last: int | None = None
    while found := await _newest(session, row.id, last):
        last = found[-1].id
        for table, changes in _by_table(found):
            changed += len(await _changed(session, table, changes, later))
            changed += await _hanging_on(session, table, changes, made)
    if changed:
        row.state, row.ended_at, row.failure = "done", at, f"changed:{changed}"
    return not changed


async def take_back(session: AsyncSession, row: DataImport, at: datetime) -> bool:
    """Undo the newest changes that are left, some hundreds; False = none were left, and the import is undone.

    In one transaction, a large import would keep everybody else from writing for minutes. What somebody changes or
    uses between the look and this stays, and `failure` counts it.
    """
    found = await _newest(session, row.id, None)
    if not found:
        row.state, row.ended_at = "undone", at
        await plan_everybody_soon(session, at)
        await tell(session, "import.undone", f"import/{row.id}", {"kind": row.kind}, at=at)
        return False
    touched: set[int] = set()
    for table, changes in _by_table(found):
        used = await _changed(session, table, changes, {}) | await _pointed_at(session, table, changes)
        free = [one for one in changes if _key(one.key) not in used]
        if len(free) < len(changes):
            row.failure = f"kept:{int(row.failure.partition(':')[2] or 0) + len(changes) - len(free)}"
        touched |= {one.after["customer_id"] for one in free if one.after.get("customer_id")}
        touched |= {one.key["id"] for one in free if table.name == "customer" and one.before is not None}
        await _set_back(session, table, free)
    await session.execute(delete(ImportChange).where(ImportChange.id.in_([one.id for one in found])))
    await mark(session, touched)
    return True


async def _newest(session: AsyncSession, import_id: int, before: int | None) -> Sequence[ImportChange]:
    mine = select(ImportChange).where(ImportChange.import_id == import_id)
    older = mine if before is None else mine.where(ImportChange.id < before)
    return list(await session.scalars(older.order_by(ImportChange.id.desc()).limit(_AT_ONCE)))


def _by_table(found: Sequence[ImportChange]) -> Iterator[tuple[Table, Sequence[ImportChange]]]:
    """What hangs on a row goes before the row."""
    by_table: dict[str, list[ImportChange]] = defaultdict(list)
    for change in found:
        by_table[change.of_table].append(change)
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in by_table:
            yield table, by_table[table.name]


async def _changed(
    session: AsyncSession, table: Table, changes: Sequence[ImportChange], later: Overlay
) -> set[tuple[Any, ...]]:
    """Keys of those that are gone, or say something else than the import wrote. `later` tells what the import itself
    wrote over with changes that are newer than these, and learns it of these."""
    now = await _rows(session, table, changes)
    kept_by_others = _UNSAID | {column.name for column in table.columns if column.computed is not None}
    used = set()
    for change in changes:
        key = _key(change.key)
        over = later.get((table.name, key), {})
        if key not in now or _differs({**now[key], **over}, change, kept_by_others):
            used.add(key)
        if change.before:
            later[table.name, key] = {**over, **change.before}
    return used


def _differs(row: Mapping[str, Any], change: ImportChange, kept_by_others: frozenset[str]) -> bool:
    """Of a row that the import made, every column counts: what stands there now where nothing stood was worked on."""
    now, then = row, change.after
    if change.before is None:
        now, then = filled(row), filled(then)
    names = (set(then) | (set(now) if change.before is None else set())) - kept_by_others
    return any(now.get(name) != then.get(name) for name in names)


async def _rows(
    session: AsyncSession, table: Table, changes: Sequence[ImportChange]
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    keys = [tuple(restored(table, change.key).values()) for change in changes]
    columns = [table.c[name] for name in changes[0].key]
    found = await session.execute(select(table).where(tuple_(*columns).in_(keys)))
    rows = [plain({str(name): value for name, value in row.items()}) for row in found.mappings()]
    return {tuple(row[column.name] for column in columns): row for row in rows}


def _key(key: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(key.values())


async def _hanging_on(
    session: AsyncSession, table: Table, changes: Sequence[ImportChange], made: dict[str, set[tuple[Any, ...]]]
) -> int:
    """Rows that point to what the import made, and that it did not make itself: a call, a case, a new number."""
    count = 0
    for other, rows in await _pointing(session, table, changes):
        if other not in made:
            made[other] = await _made(session, other, changes[0].import_id)
        count += len(rows.keys() - made[other])
    return count


async def _pointed_at(session: AsyncSession, table: Table, changes: Sequence[ImportChange]) -> set[tuple[Any, ...]]:
    """Keys of made rows that others hang on; what the import itself hung on them is gone by now."""
    return {(parent,) for _, rows in await _pointing(session, table, changes) for parent in rows.values()}


async def _pointing(
    session: AsyncSession, table: Table, changes: Sequence[ImportChange]
) -> list[tuple[str, dict[tuple[Any, ...], Any]]]:
    """By table, which of its rows point to which of the rows that were made."""
    ids = [change.key.get("id") for change in changes if change.before is None]
    if not ids or None in ids:
        return []
    found = []
    for column in references_to(Base.metadata, table):
        if column.table.name in _OUR_NOTES:
            continue
        statement = select(column, *column.table.primary_key).where(column.in_(ids))
        rows = {tuple(key): parent for parent, *key in await session.execute(statement)}
        if rows:
            found.append((column.table.name, rows))
    return found


async def _made(session: AsyncSession, table: str, import_id: int) -> set[tuple[Any, ...]]:
    mine = select(ImportChange.key).where(ImportChange.import_id == import_id, ImportChange.of_table == table)
    return {_key(key) for key in await session.scalars(mine.where(ImportChange.before.is_(None)))}


async def _set_back(session: AsyncSession, table: Table, changes: Sequence[ImportChange]) -> None:
    if not changes:
        return
    made = [tuple(restored(table, change.key).values()) for change in changes if change.before is None]
    if made:
        columns = [table.c[name] for name in changes[0].key]
        await session.execute(delete(table).where(tuple_(*columns).in_(made)))
    for change in changes:
        if change.before:
            await session.execute(update(table).where(is_row(table, change.key)).values(restored(table, change.before)))
