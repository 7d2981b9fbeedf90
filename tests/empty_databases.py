"""A database with all tables for one test: they are made once in a process, and their file is copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from crm_core.db import Database, make_engine
from crm_core.tables import METADATA


def sqlite_database(path: Path) -> Database:
    """An open database in a new file. Its tables are those of the models: no revision has run, nothing is indexed."""
    path.write_bytes(_all_tables())
    return Database(make_engine(f"sqlite+aiosqlite:///{path}"))


@cache
def _all_tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        engine = create_engine(f"sqlite:///{path}")
        METADATA.create_all(engine)
        engine.dispose()
        return path.read_bytes()
