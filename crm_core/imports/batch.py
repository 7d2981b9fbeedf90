"""One batch of rows on its way into the database: what it made, what it changed, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import Table, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Base
from crm_core.dealers.model import Dealer
from crm_core.imports.reading import ReadRow
from crm_core.rows import key_of, plain, written_columns

_EMPTY = (None, "", 0)


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
    made: dict[int, list[Base]] = field(default_factory=dict)
    changed: list[tuple[Base, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    results: dict[int, str] = field(default_factory=dict)  # line -> created | updated

    @property
    def usable(self) -> Iterable[ReadRow]:
        return [row for row in self.rows if row.usable]

    def make(self, row: ReadRow, thing: Base, *, main: bool = False) -> None:
        """A new row of ours. The row of the file counts as created by its main thing, as updated by another."""
        self.session.add(thing)
        self.made.setdefault(row.line, []).append(thing)
        if main:
            self.results[row.line] = "created"
        else:
            self.results.setdefault(row.line, "updated")

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
                values = {column.name: getattr(thing, column.name) for column in written_columns(table)}
                found.append(_change(table, values, None, values))
        for thing, before, after in self.changed:
            table = _table(thing)
            key = {column.name: getattr(thing, column.name) for column in table.primary_key}
            found.append(_change(table, key, before, after))
        return found


def _table(thing: Base) -> Table:
    return Base.metadata.tables[thing.__tablename__]


def _change(
    table: Table, row: Mapping[str, Any], before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> dict[str, Any]:
    was = None if before is None else plain(before)
    return {"of_table": table.name, "key": key_of(table, row), "before": was, "after": plain(after)}


async def known_dealers(session: AsyncSession) -> dict[str, int]:
    """Ids by code, name and short name, in lower case."""
    found: dict[str, int] = {}
    for dealer in await session.scalars(select(Dealer)):
        for name in (dealer.short_name, dealer.name, dealer.code):
            found[name.casefold()] = dealer.id
    return found
