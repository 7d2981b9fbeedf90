"""Which schema a database has, beside the one that this version of the code knows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url

from crm_core.errors import PlatformError

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(PlatformError):
    """Older code would write rows that newer code cannot read."""

    def __init__(self, there: str, known: str) -> None:
        super().__init__(
            "The database has schema {there}, and this version knows schemas up to {known} only. "
            "Start the newer version, or restore the backup that was taken before the upgrade: hotline restore.",
            there=there,
            known=known,
        )


class Standing(StrEnum):
    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Schema:
    """`there` is the database's revision, "" when it has none; `known` is the newest of this code."""

    there: str
    known: str
    standing: Standing


def known_schema() -> str:
    """The newest revision of this code, e.g. 0047."""
    return _revisions().get_current_head() or ""


def schema_at(url: str) -> Schema:
    """Looks and changes nothing; a SQLite file that is not there is not made. Raises what SQLAlchemy raises."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return Schema("", known_schema(), Standing.EMPTY)
    engine = plain_engine(url)
    try:
        with engine.connect() as connection:
            return schema_of(connection)
    finally:
        engine.dispose()


def schema_of(connection: Connection) -> Schema:
    known = known_schema()
    there = MigrationContext.configure(connection).get_current_revision() or ""
    if not there:
        return Schema("", known, Standing.EMPTY if not inspect(connection).get_table_names() else Standing.BEHIND)
    if there == known:
        return Schema(there, known, Standing.CURRENT)
    older = {revision.revision for revision in _revisions().walk_revisions()}
    return Schema(there, known, Standing.BEHIND if there in older else Standing.NEWER)


def refuse_newer(schema: Schema) -> None:
    """SchemaTooNew for a database that a newer version has written."""
    if schema.standing is Standing.NEWER:
        raise SchemaTooNew(schema.there, schema.known)


def plain_engine(url: str) -> Engine:
    """For work without a loop. aiosqlite runs only inside one; psycopg serves both ways."""
    parsed = make_url(url)
    return create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")))


def _revisions() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config)
