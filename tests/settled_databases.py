"""The small site of tests.browser.people for one test: it is made every few seconds, and its file is copied."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_core.db import Database, make_engine
from tests.browser import people
from tests.empty_databases import sqlite_database

FRESH = timedelta(seconds=20)  # its cases and calls lie so and so many minutes from now
_made: list[tuple[datetime, bytes]] = []  # the last one of this process


async def settled_database(path: Path) -> Database:
    """An open database in a new file, with everybody and everything of that site."""
    if not _made or not timedelta(0) <= datetime.now(UTC) - _made[-1][0] < FRESH:
        _made[:] = [(datetime.now(UTC), await _settled())]
    return _copy(_made[-1][1], path)


def _copy(site: bytes, path: Path) -> Database:
    path.write_bytes(site)
    return Database(make_engine(f"sqlite+aiosqlite:///{path}"))


async def _settled() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settled.db"
        database = sqlite_database(path)
        async with database.begin() as session:
            await people.settle(session)
        await database.close()
        return _whole(path)


def _whole(path: Path) -> bytes:
    assert not path.with_name(f"{path.name}-wal").exists(), "something is not in the one file yet"
    return path.read_bytes()
