"""Moves a site: every table in the order in which they point at each other, in one transaction, and then compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL, Connection, Table
from sqlalchemy.exc import DBAPIError

from crm_core.database_checks import DatabaseUnusable, check_encoding, refusal, require_current, sync_engine
from crm_core.moving.lines import Checksum, columns_of, line
from crm_core.moving.source import Source, opened
from crm_core.moving.target import Target
from crm_core.tables import METADATA

Tell = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One table, as both databases count it; the checksum is of all values of all rows."""

    table: str
    rows: int
    checksum: str


class NotTheSame(DatabaseUnusable):
    """What arrived is not what was sent: nothing is kept."""

    def __init__(self, table: str, sent: Checksum, there: Checksum) -> None:
        super().__init__(
            "The table {table} did not arrive as it was sent ({sent} rows, {there} there); nothing was changed. "
            "Please report this.",
            table=table,
            sent=sent.rows,
            there=there.rows,
        )


def move(file: Path, to: URL, tell: Tell, *, setting: str) -> list[Moved]:
    """All or nothing: until the last table was compared, nobody else sees a row in the target.

    `file` is a site's SQLite database at this version's revision, which nobody writes meanwhile; it stays as it is.
    Raises PlatformErrors.
    """
    source_engine, engine = sync_engine(URL.create("sqlite", database=str(file))), sync_engine(to)
    try:
        with source_engine.connect() as old:
            require_current(old)
        with engine.begin() as connection, opened(file) as source:
            check_encoding(connection)
            moved = _move(source, connection, tell)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        return moved
    except DBAPIError as fault:
        raise refusal(fault, to, setting) from fault
    finally:
        source_engine.dispose()
        engine.dispose()


def _move(source: Source, connection: Connection, tell: Tell) -> list[Moved]:
    target = Target(connection)
    target.require_empty()
    target.prepare()
    sent = {table: _send(source, target, table, tell) for table in METADATA.sorted_tables}
    indexes = target.indexes()
    for number, statement in enumerate(indexes):
        tell("indexes", number, len(indexes))
        target.execute(statement)
    moved = [_compare(target, table, checksum, tell) for table, checksum in sent.items()]
    for table in sent:
        target.go_on_counting(table, source.last_id(table))
    return moved


def _send(source: Source, target: Target, table: Table, tell: Tell) -> Checksum:
    columns, checksum = columns_of(table), Checksum()
    total = source.count(table)
    tell(table.name, 0, total)
    try:
        for_copy = _lines(source, table, checksum, lambda done: tell(table.name, done, total))
        target.take(table, columns, for_copy)
    except psycopg.Error as fault:
        said = " ".join(str(fault).split())
        raise DatabaseUnusable(
            "A row of the table {table} is none that PostgreSQL takes, nothing was changed: {said}",
            table=table.name,
            said=said[:300],
        ) from fault
    return checksum


def _lines(source: Source, table: Table, checksum: Checksum, tell: Callable[[int], None]) -> Iterator[bytes]:
    columns = columns_of(table)
    copied, checked = [column.copied for column in columns], [column.checked for column in columns]
    same = copied == checked
    for block in source.rows(table, [column.name for column in columns]):
        lines = [line(row, copied) for row in block]
        for compared in lines if same else (line(row, checked) for row in block):
            checksum.add(compared)
        yield b"".join(lines)
        tell(checksum.rows)


def _compare(target: Target, table: Table, sent: Checksum, tell: Tell) -> Moved:
    tell(f"compare {table.name}", 0, sent.rows)
    there = target.checksum(table, columns_of(table))
    if there != sent:
        raise NotTheSame(table.name, sent, there)
    return Moved(table.name, there.rows, there.value)
