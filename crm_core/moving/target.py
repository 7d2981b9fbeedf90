"""The PostgreSQL database that a site moves to: empty before, and nothing of us in it until all is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import Connection as Server
from sqlalchemy import Connection, Table, inspect, text

from crm_core.database_checks import DatabaseUnusable
from crm_core.migrate import upgrade_on
from crm_core.moving.lines import Checksum, CopiedColumn
from crm_core.tables import METADATA


class TargetNotEmpty(DatabaseUnusable):
    """A move never mixes two sites."""

    def __init__(self, name: str, table: str) -> None:
        super().__init__(
            "The database {name} holds something already (the table {table}); make an empty one: "
            "createdb --encoding=UTF8 --template=template0 NAME",
            name=name,
            table=table,
        )


class Target:
    """Inside one transaction of the caller's: what fails leaves the database as empty as it was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._indexes: list[str] = []

    @property
    def _server(self) -> Server:
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, Server)  # noqa: S101 - database_checks.parsed names the driver
        return driver

    def require_empty(self) -> None:
        if tables := sorted(inspect(self._connection).get_table_names()):
            raise TargetNotEmpty(str(self._connection.engine.url.database), tables[0])

    def prepare(self) -> None:
        """The tables of this version, without a row and without the indexes, which are made faster afterwards."""
        upgrade_on(self._connection)
        self._connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
        self._connection.execute(text(f"TRUNCATE {names}"))
        found = self._connection.execute(text(_OWN_INDEXES)).all()
        for name, _definition in found:
            self._connection.execute(text(f'DROP INDEX "{name}"'))
        self._indexes = [str(definition) for _name, definition in found]

    def take(self, table: Table, columns: Sequence[CopiedColumn], lines: Iterable[bytes]) -> None:
        names = ", ".join(f'"{column.name}"' for column in columns)
        with self._server.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for told in lines:
                copy.write(told)

    def checksum(self, table: Table, columns: Sequence[CopiedColumn]) -> Checksum:
        asked = ", ".join(column.asked for column in columns)
        found = Checksum()
        every = f'COPY (SELECT {asked} FROM "{table.name}") TO STDOUT'  # noqa: S608 - the names are those of our tables
        with self._server.cursor() as cursor, cursor.copy(every) as copy:
            for told in copy:
                found.add(bytes(told))
        return found

    def indexes(self) -> Sequence[str]:
        """The statements that make the indexes again."""
        return tuple(self._indexes)

    def execute(self, statement: str) -> None:
        self._server.execute(statement.encode())

    def go_on_counting(self, table: Table, last: int) -> None:
        """Ids that were given are never given again, those of deleted rows neither."""
        for column in table.primary_key:
            name = {"table": f'"{table.name}"', "column": column.name}
            sequence = self._connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), name)
            if sequence and last:
                self._connection.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})


_OWN_INDEXES = """
    SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = i.relnamespace AND n.nspname = current_schema()
    WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid) AND NOT x.indisprimary
    ORDER BY i.relname
"""
