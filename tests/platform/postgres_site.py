"""A call centre whose records are in a PostgreSQL server of its own, which can be stopped and made to hang."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from benchmarks.own_postgres import OwnPostgres, server_programs
from crm_core.database_checks import parsed
from crm_core.moving.move import move
from tests.platform.site import CallCentre


class PostgresCallCentre(CallCentre):
    """Made on SQLite and moved, as an operator would. `server` runs already; it is the test's to stop and start."""

    def __init__(self, cache: Path, server: OwnPostgres) -> None:
        self.server = server
        super().__init__(cache)
        move(self.database, parsed(server.url), lambda *_: None, setting="--to")
        self.settings["HOTLINE_DATABASE_URL"] = server.url.replace("+psycopg", "")

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Times as SQLite has them."""
        plain = self.server.url.replace("+psycopg", "")
        with psycopg.connect(plain, row_factory=dict_row) as connection:
            found = connection.execute(statement.replace("%", "%%").replace("?", "%s").encode(), values).fetchall()
        return [{name: _as_sqlite(value) for name, value in row.items()} for row in found]


@contextmanager
def on_postgres(cache: Path) -> Iterator[PostgresCallCentre]:
    """With its server, until the block ends. Skips the test where there is none."""
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    server = OwnPostgres(programs)
    server.start()
    centre = None
    try:
        centre = PostgresCallCentre(cache, server)
        yield centre
    finally:
        if centre is not None:
            centre.close()
        server.stop()
        server.remove()


def _as_sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value
