"""Taking an import back: every row it made goes, every value it set is set back, unless somebody worked on it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.duplicates import mark
from crm_core.customers.ownership import references_to
from crm_core.db import Base
from crm_core.imports.batch import filled
from crm_core.imports.model import DataImport, ImportChange
from crm_core.integration.outbox import tell
from crm_core.rows import is_row, plain, restored

_AT_ONCE = 500
_UNSAID = frozenset({"updated_at", "last_contact_at", "value_yuan", "rfm", "life_cycle_stage", "stage_reason"}) | {
    "churn_risk",
    "churn_reason",
    "customer_class",
    "class_reason",
}
"""Columns that the platform keeps by itself: a change of these is nobody's work."""
_OUR_NOTES = frozenset({"customer_duplicate", "duplicate_check"})


async def take_back(session: AsyncSession, row: DataImport, at: datetime) -> None:
    """All or nothing: when something was changed since, the import stays done and `failure` says how much."""
    changed = 0
    made: dict[str, set[tuple[Any, ...]]] = {}
    async for table, changes in _groups(session, row.id):
        changed += await _changed(session, table, changes)
        changed += await _hanging_on(session, table, changes, made)
    if changed:
        row.state, row.ended_at, row.failure = "done", at, f"changed:{changed}"
        return
    touched: set[int] = set()
    async for table, changes in _groups(session, row.id):
        touched |= {one.after["customer_id"] for one in changes if one.after.get("customer_id")}
        touched |= {one.key["id"] for one in changes if table.name == "customer" and one.before is not None}
        await _set_back(session, table, changes)
    await session.execute(delete(ImportChange).where(ImportChange.import_id == row.id))
    row.state, row.ended_at, row.failure = "undone", at, ""
    await mark(session, touched)
    await tell(session, "import.undone", f"import/{row.id}", {"kind": row.kind}, at=at)


async def _groups(session: AsyncSession, import_id: int) -> AsyncIterator[tuple[Table, Sequence[ImportChange]]]:
    """Changes backwards, some hundreds of one table at a time: what hangs on a row goes before the row."""
    last = None
    while True:
        older = select(ImportChange).where(ImportChange.import_id == import_id)
        if last is not None:
            older = older.where(ImportChange.id < last)
        found = list(await session.scalars(older.order_by(ImportChange.id.desc()).limit(_AT_ONCE)))
        if not found:
            return
        last = found[-1].id
        by_table: dict[str, list[ImportChange]] = defaultdict(list)
        for change in found:
            by_table[change.of_table].append(change)
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in by_table:
                yield table, by_table[table.name]


async def _changed(session: AsyncSession, table: Table, changes: Sequence[ImportChange]) -> int:
    """How many of these rows are gone, or say something else than the import wrote."""
    now = await _rows(session, table, changes)
    kept_by_others = _UNSAID | {column.name for column in table.columns if column.computed is not None}
    count = 0
    for change in changes:
        row = now.get(_key(change.key))
        count += row is None or _differs(row, change, kept_by_others)
    return count


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
    ids = [change.key.get("id") for change in changes if change.before is None]
    if not ids or None in ids:
        return 0
    count = 0
    for column in references_to(Base.metadata, table):
        other = column.table
        if other.name in _OUR_NOTES:
            continue
        pointing = {tuple(row) for row in await session.execute(select(*other.primary_key).where(column.in_(ids)))}
        if pointing and other.name not in made:
            made[other.name] = await _made(session, other.name, changes[0].import_id)
        count += len(pointing - made.get(other.name, set()))
    return count


async def _made(session: AsyncSession, table: str, import_id: int) -> set[tuple[Any, ...]]:
    mine = select(ImportChange.key).where(ImportChange.import_id == import_id, ImportChange.of_table == table)
    return {_key(key) for key in await session.scalars(mine.where(ImportChange.before.is_(None)))}


async def _set_back(session: AsyncSession, table: Table, changes: Sequence[ImportChange]) -> None:
    made = [tuple(restored(table, change.key).values()) for change in changes if change.before is None]
    if made:
        columns = [table.c[name] for name in changes[0].key]
        await session.execute(delete(table).where(tuple_(*columns).in_(made)))
    for change in changes:
        if change.before:
            await session.execute(update(table).where(is_row(table, change.key)).values(restored(table, change.before)))
