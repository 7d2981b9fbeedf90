"""The SQLite file that a site moves from: read only, in one state from the first row to the last."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Table

AT_ONCE = 2_000  # rows


class Source:
    """One read transaction, whatever a program that ignores the site's lock writes meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("BEGIN")

    def count(self, table: Table) -> int:
        return int(self._connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])  # noqa: S608 - a name of our own

    def rows(self, table: Table, names: Sequence[str]) -> Iterator[list[tuple[object, ...]]]:
        """In blocks."""
        asked = ", ".join(f'"{name}"' for name in names)
        found = self._connection.execute(f'SELECT {asked} FROM "{table.name}"')  # noqa: S608 - names of our own
        while block := found.fetchmany(AT_ONCE):
            yield block

    def last_id(self, table: Table) -> int:
        """The greatest id that was ever given, as far as SQLite knows; 0 = none, or no numbers."""
        [column, *others] = table.primary_key
        if others or column.type.python_type is not int:
            return 0
        greatest = self._connection.execute(f'SELECT max("{column.name}") FROM "{table.name}"').fetchone()[0]  # noqa: S608 - names of our own
        return max(int(greatest or 0), self._counted(table))

    def _counted(self, table: Table) -> int:
        try:
            told = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).fetchone()
        except sqlite3.OperationalError:  # no table counts this way
            return 0
        return int(told[0] or 0) if told else 0


@contextmanager
def opened(file: Path) -> Iterator[Source]:
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        yield Source(connection)
