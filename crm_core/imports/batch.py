"""One batch of rows on its way into the database: what it made, what it changed, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, func, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Base
from crm_core.dealers.model import Dealer
from crm_core.imports.reading import ReadRow
from crm_core.rows import key_of, plain, written_columns

_EMPTY = (None, "", 0)
_NOTHING: tuple[Any, ...] = (None, "", 0, [], {})


@dataclass(slots=True)
class Batch:
    """`overwrite` = the file is right where the two differ; else it fills only what we lack."""

    session: AsyncSession
    rows: list[ReadRow]
    at: datetime
    overwrite: bool = False
    system: str = ""
    dealers: dict[str, int] = field(default_factory=dict)
    zone: tzinfo = UTC  # the site's
    consent: str = ""  # where everybody on the list agreed to be called; "" = nobody said
    asks_each: bool = False  # the list has a column for it, and an empty cell there is no yes
    by: str = ""  # who brought the list
    made: dict[int, list[Base]] = field(default_factory=dict)
    changed: list[tuple[Base, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    results: dict[int, str] = field(default_factory=dict)  # line -> created | updated
    _fresh: list[Base] = field(default_factory=list)  # made, and not in the database yet
    _rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)  # hung on something, not written yet
    _hung: list[tuple[Table, dict[str, Any]]] = field(default_factory=list)  # and all that were

    @property
    def usable(self) -> Iterable[ReadRow]:
        return [row for row in self.rows if row.usable]

    def make(self, row: ReadRow, thing: Base, *, main: bool = False) -> None:
        """A new row of ours. The row of the file counts as created by its main thing, as updated by another."""
        self.session.add(thing)
        self._fresh.append(thing)
        self.made.setdefault(row.line, []).append(thing)
        if main:
            self.results[row.line] = "created"
        else:
            self.results.setdefault(row.line, "updated")

    def hang(self, row: ReadRow, of: type[Base], values: Mapping[str, Any]) -> None:
        """A new row that hangs on something known, e.g. a number on a customer. Nobody gets to see it as an object,
        which is a third of the time that an import takes."""
        table = Base.metadata.tables[of.__tablename__]
        self._rows.setdefault(table, []).append({**_usual(table), **values})
        self.results.setdefault(row.line, "updated")

    async def flush(self) -> None:
        """What was made has ids afterwards. Use this and not the session's own flush: SQLite would be asked once for
        each new row, to hear its id."""
        by_table: dict[Table, list[Any]] = {}
        for thing in self._fresh:
            if getattr(thing, "id", 0) is None:
                by_table.setdefault(_table(thing), []).append(thing)
        for table, things in by_table.items():
            for thing, number in zip(things, await next_ids(self.session, table, len(things)), strict=True):
                thing.id = number
        self._fresh.clear()
        await self.session.flush()
        for table, rows in self._rows.items():
            for row, number in zip(rows, await next_ids(self.session, table, len(rows)), strict=True):
                row["id"] = number
            await self.session.execute(insert(table), rows)
            self._hung += [(table, row) for row in rows]
        self._rows.clear()

    def put(self, row: ReadRow, thing: Base, values: Mapping[str, Any]) -> None:
        """Set what the file knows and we lack, or know differently where the file is right."""
        new = {}
        for name, value in values.items():
            ours = getattr(thing, name)
            if value is not None and ours != value and (self.overwrite or ours in _EMPTY):
                new[name] = value
        self.set(row, thing, new)

    def set(self, row: ReadRow, thing: Base, values: Mapping[str, Any]) -> None:
        """Set these values, whatever the policy."""
        if not values:
            return
        self.results.setdefault(row.line, "updated")
        if not inspect(thing).persistent:
            for name, value in values.items():
                setattr(thing, name, value)
            return
        self.changed.append((thing, {name: getattr(thing, name) for name in values}, dict(values)))
        for name, value in values.items():
            setattr(thing, name, value)

    def dealer_of(self, row: ReadRow) -> int | None:
        """The dealer's id by code or name; an unknown one refuses the row."""
        named = row.facts.get("dealer")
        if named is None:
            return None
        found = self.dealers.get(named.casefold())
        if found is None:
            row.refuse("unknown_dealer", "dealer", named)
        return found

    def changes(self) -> list[dict[str, Any]]:
        """What ImportChange keeps, after the flush: made things in the order they were made, then changed ones."""
        found = []
        for things in self.made.values():
            for thing in things:
                table = _table(thing)
                values = {name: getattr(thing, name) for name in _written(table)}
                found.append(_change(table, values, None, filled(values)))
        found += [_change(table, row, None, filled(row)) for table, row in self._hung]
        for thing, before, after in self.changed:
            table = _table(thing)
            key = {column.name: getattr(thing, column.name) for column in table.primary_key}
            found.append(_change(table, key, before, after))
        return found


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: of a new row most columns are, and a list of 200 MB makes millions of rows."""
    return {name: value for name, value in values.items() if value not in _NOTHING}


@lru_cache
def _written(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in written_columns(table))


@lru_cache
def _usual(table: Table) -> Mapping[str, Any]:
    """What stands in the columns of which nothing is said."""
    written = (column for column in written_columns(table) if column.name != "id")
    return {column.name: getattr(column.default, "arg", None) for column in written}


async def next_ids(session: AsyncSession, table: Table, count: int) -> Sequence[int]:
    """Ids for new rows, rising. A transaction that writes has SQLite for itself, and takes what SQLite would give."""
    with session.no_autoflush:
        if session.get_bind().dialect.name == "sqlite":
            last = await session.scalar(select(func.max(table.c.id))) or 0
            return range(last + 1, last + 1 + count)
        sequence = func.pg_get_serial_sequence(table.name, "id")
        found = await session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count)))
        return list(found)


def _table(thing: Base) -> Table:
    return Base.metadata.tables[thing.__tablename__]


def _change(
    table: Table, row: Mapping[str, Any], before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> dict[str, Any]:
    was = None if before is None else plain(before)
    return {"of_table": table.name, "key": key_of(table, row), "before": was, "after": plain(after)}


async def known_dealers(session: AsyncSession) -> dict[str, int]:
    """Ids by code, name and short name, in lower case."""
    rows = (await session.execute(select(Dealer.id, Dealer.short_name, Dealer.name, Dealer.code))).all()
    return {name.casefold(): dealer_id for dealer_id, *names in rows for name in names}
