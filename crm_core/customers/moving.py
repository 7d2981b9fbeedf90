"""Moving a customer's rows to another one and back, whatever tables there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, Table, delete, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.identity_model import CustomerMerge, MergeRow
from crm_core.customers.ownership import Owned, owned_columns, references_to
from crm_core.db import Base
from crm_core.rows import Values, is_row, key_of, plain, restored, written_columns

_AT_ONCE = 500
_NOT_TO_ONESELF = frozenset({"customer_relation"})


async def move_rows(session: AsyncSession, merge: CustomerMerge) -> dict[str, int]:
    """Everything of the dropped customer becomes the kept one's; gives how many rows of each table.

    A row that the kept customer has, too (the same number, the same role to a car), is taken out and kept in the
    notes; so is one that would relate the customer to itself.
    """
    moved: Counter[str] = Counter()
    await session.flush()
    for owned in owned_columns(Base.metadata):
        columns = written_columns(owned.table)
        rows = await _read(session, select(*columns).where(owned.column == merge.drop_id))
        if not rows:
            continue
        notes = await _moved_notes(session, owned, rows, merge)
        await session.execute(insert(MergeRow), [{"merge_id": merge.id, **note} for note in notes])
        moved[owned.table.name] += len(rows)
    await read_again(session, moved)
    return dict(moved)


async def read_again(session: AsyncSession, tables: Collection[str]) -> None:
    """What the session holds of these tables' rows is read anew; a row that is gone is forgotten."""
    for held in list(session.identity_map.values()):
        if inspect(held).mapper.local_table.name not in tables:
            continue
        try:
            await session.refresh(held)
        except InvalidRequestError:
            session.expunge(held)


async def _moved_notes(
    session: AsyncSession, owned: Owned, rows: Sequence[Values], merge: CustomerMerge
) -> list[Values]:
    if not owned.unique and "position" not in owned.table.columns and owned.table.name not in _NOT_TO_ONESELF:
        to_keep = update(owned.table).where(owned.column == merge.drop_id).values({owned.column.name: merge.keep_id})
        await session.execute(to_keep)
        return [_note(owned, row, merge, {}) for row in rows]
    behind = await _next_position(session, owned, merge.keep_id)
    notes: list[Values] = []
    for row in rows:
        twin = await _twin(session, owned, row, merge.keep_id)
        if twin is not None or _to_oneself(owned, row, merge):
            notes += await _fold(session, owned.table, row, twin)
            continue
        placed = {"position": behind + row["position"]} if "position" in row else {}
        values = {owned.column.name: merge.keep_id, **placed}
        await session.execute(update(owned.table).where(is_row(owned.table, key_of(owned.table, row))).values(values))
        notes.append(_note(owned, row, merge, placed))
    return notes


def _note(owned: Owned, row: Values, merge: CustomerMerge, more: Mapping[str, Any]) -> Values:
    after = {owned.column.name: merge.keep_id, **more}
    before = plain({name: row[name] for name in after})
    key = {name: after.get(name, value) for name, value in key_of(owned.table, row).items()}
    return {"of_table": owned.table.name, "key": key, "before": before, "after": after}


async def _next_position(session: AsyncSession, owned: Owned, keep_id: int) -> int:
    """Behind the kept customer's own: their first number stays the first."""
    if "position" not in owned.table.columns:
        return 0
    last = await session.scalar(select(func.max(owned.table.c.position)).where(owned.column == keep_id))
    return 0 if last is None else last + 1


async def _twin(session: AsyncSession, owned: Owned, row: Values, keep_id: int) -> Values | None:
    """The kept customer's row that leaves no room for this one."""
    for others in owned.unique:
        if any(row[name] is None for name in others):
            continue
        same = [owned.table.c[name] == row[name] for name in others]
        mine = select(*written_columns(owned.table)).where(owned.column == keep_id, *same).limit(1)
        if found := await _read(session, mine):
            return found[0]
    return None


def _to_oneself(owned: Owned, row: Values, merge: CustomerMerge) -> bool:
    if owned.table.name not in _NOT_TO_ONESELF:
        return False
    names = [one.column.name for one in owned_columns(Base.metadata) if one.table is owned.table]
    owners = {merge.keep_id if name == owned.column.name else row[name] for name in names}
    return owners == {merge.keep_id}


async def _fold(session: AsyncSession, table: Table, row: Values, twin: Values | None) -> list[Values]:
    """Take the row out; what pointed to it points to its twin."""
    notes: list[Values] = []
    key = key_of(table, row)
    for column in references_to(Base.metadata, table) if twin else []:
        target = next(iter(column.foreign_keys)).column.name
        for other in await _read(session, select(*column.table.primary_key).where(column == row[target])):
            where = is_row(column.table, key_of(column.table, other))
            await session.execute(update(column.table).where(where).values({column.name: (twin or row)[target]}))
            change = {"before": plain({column.name: row[target]}), "after": plain({column.name: (twin or row)[target]})}
            notes.append({"of_table": column.table.name, "key": key_of(column.table, other), **change})
    await session.execute(delete(table).where(is_row(table, key)))
    # Last: read backwards, the row is there again before anything points to it.
    return [*notes, {"of_table": table.name, "key": key, "before": plain(row), "after": None}]


async def _read(session: AsyncSession, statement: Select[Any]) -> list[Values]:
    return [{str(name): value for name, value in row.items()} for row in (await session.execute(statement)).mappings()]


async def give_back(session: AsyncSession, merge: CustomerMerge) -> dict[str, int]:
    """Undo `move_rows` and the fields, from the notes backwards; gives how many rows of each table went back.

    A row that was deleted since is gone; one that was given to a third customer since, or a field that was changed
    since, stays as it is.
    """
    notes = list(
        await session.scalars(select(MergeRow).where(MergeRow.merge_id == merge.id).order_by(MergeRow.id.desc()))
    )
    given: Counter[str] = Counter()
    bulk: dict[tuple[str, str], list[MergeRow]] = defaultdict(list)
    for note in notes:
        table = Base.metadata.tables.get(note.of_table)
        if table is None:
            continue
        if note.of_table != "customer" and _is_simple(note):
            bulk[note.of_table, next(iter(note.after or {}))].append(note)
        else:
            given[note.of_table] += await _give_one(session, table, note, merge)
    for (name, column), some in bulk.items():
        given[name] += await _give_many(session, Base.metadata.tables[name], column, some)
    await read_again(session, given)
    return {name: count for name, count in given.items() if count and name != "customer"}


def _is_simple(note: MergeRow) -> bool:
    return note.after is not None and len(note.after) == len(note.key) == 1 and not set(note.key) & set(note.after)


async def _give_many(session: AsyncSession, table: Table, column: str, notes: Sequence[MergeRow]) -> int:
    """Rows with a simple key of which one column changed; those with the same values before and after together."""
    groups: dict[tuple[Any, Any], list[Any]] = defaultdict(list)
    for note in notes:
        groups[note.before[column], (note.after or {})[column]].append(next(iter(note.key.values())))
    key = next(iter(table.primary_key))
    count = 0
    for (before, after), keys in groups.items():
        for start in range(0, len(keys), _AT_ONCE):
            mine = (key.in_(keys[start : start + _AT_ONCE]), table.c[column] == after)
            result = await session.execute(update(table).where(*mine).values({column: before}))
            count += result.rowcount  # type: ignore[attr-defined]
    return count


async def _give_one(session: AsyncSession, table: Table, note: MergeRow, merge: CustomerMerge) -> int:
    before = restored(table, note.before)
    if note.after is None:
        return await _put_back(session, table, before)
    after = restored(table, note.after)
    owners = {one.column.name for one in owned_columns(Base.metadata) if one.table is table}
    count = 0
    # The other columns first: the owner may be part of the key.
    for name in sorted(after, key=lambda name: name in owners):
        column = table.c[name]
        same = column.is_(None) if after[name] is None else column == after[name]
        given = update(table).where(is_row(table, note.key), same).values({name: before[name]})
        if await _tried(session, given):
            count = 1
        elif note.of_table == "customer":
            await _tell_later_merges(session, note, merge, name)
    return count


async def _put_back(session: AsyncSession, table: Table, values: Values) -> int:
    if await _tried(session, insert(table).values(values)):
        return 1
    # SQLite gives a deleted row's id to the next one.
    keys = [column.name for column in table.primary_key]
    unnumbered = {name: value for name, value in values.items() if name != "id"}
    return int(keys == ["id"] and await _tried(session, insert(table).values(unnumbered)))


async def _tried(session: AsyncSession, statement: Any) -> bool:
    """Whether the statement changed a row. What it needs may be gone (a deleted vehicle), its place may be taken."""
    try:
        async with session.begin_nested():
            result = await session.execute(statement)
            return bool(result.rowcount)  # type: ignore[attr-defined]
    except IntegrityError:
        return False


async def _tell_later_merges(session: AsyncSession, note: MergeRow, merge: CustomerMerge, name: str) -> None:
    """A later merge changed the field again: what it gives back when it is undone is no longer this merge's value."""
    later = (
        select(MergeRow)
        .join(CustomerMerge, CustomerMerge.id == MergeRow.merge_id)
        .where(MergeRow.of_table == note.of_table, MergeRow.merge_id > merge.id)
        .where(CustomerMerge.keep_id == merge.keep_id, CustomerMerge.undone_at.is_(None))
        .order_by(MergeRow.id)
    )
    for other in await session.scalars(later):
        if other.key == note.key and other.before.get(name) == (note.after or {})[name] and name in other.before:
            other.before = {**other.before, name: note.before[name]}
            return
