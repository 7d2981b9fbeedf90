"""Brings a database to the schema of this version; for developers, writes the next revision.

A developer who changed a model runs: python -m crm_core.migrate "what changed"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, make_url

from crm_core.sql_views import drop_views, make_views
from crm_core.tables import METADATA, described


def upgrade(url: str) -> None:
    """Create or update all tables; nothing happens when they are up to date. Blocks: call it before the loop runs.

    `url` is the same as for `db.make_engine`. All revisions run in one transaction where the database allows it.
    """
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            config = _config(connection)
            if _is_behind(connection, config):
                drop_views(connection)
                command.upgrade(config, "head")
            make_views(connection)
    finally:
        engine.dispose()


def differences(url: str) -> list[object]:
    """What the models say and the database lacks, or the other way round; [] after `upgrade`."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": described})
            return list(compare_metadata(context, METADATA))
    finally:
        engine.dispose()


def write_revision(message: str, revision: str) -> None:
    """Write the file that leads from the last revision to the models of now."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.db'}"
        upgrade(url)
        engine = _engine(url)
        with engine.begin() as connection:
            command.revision(_config(connection), message, autogenerate=True, rev_id=revision)
        engine.dispose()


def _is_behind(connection: Connection, config: Config) -> bool:
    there = MigrationContext.configure(connection).get_current_revision()
    return there != ScriptDirectory.from_config(config).get_current_head()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    # aiosqlite runs only inside a loop; psycopg serves both ways.
    return create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")))


def _config(connection: object) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


if __name__ == "__main__":
    folder = Path(__file__).parent / "migrations" / "versions"
    write_revision(sys.argv[1], f"{len(list(folder.glob('*.py'))) + 1:04d}")
