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
from sqlalchemy import Connection

from crm_core.schema import MIGRATIONS, Standing, plain_engine, refuse_newer, schema_of
from crm_core.sql_views import drop_views, make_views
from crm_core.tables import METADATA, described


def upgrade(url: str) -> None:
    """Create or update all tables; nothing happens when they are up to date. Blocks: call it before the loop runs.

    `url` is the same as for `db.make_engine`. All revisions run in one transaction where the database allows it.
    Raises SchemaTooNew, with nothing changed, when a newer version has written the database.
    """
    engine = plain_engine(url)
    try:
        with engine.begin() as connection:
            upgrade_on(connection)
    finally:
        engine.dispose()


def upgrade_on(connection: Connection) -> None:
    """The same within the caller's transaction."""
    schema = schema_of(connection)
    refuse_newer(schema)
    if schema.standing is not Standing.CURRENT:
        drop_views(connection)
        command.upgrade(_config(connection), "head")
    make_views(connection)


def differences(url: str) -> list[object]:
    """What the models say and the database lacks, or the other way round; [] after `upgrade`."""
    engine = plain_engine(url)
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
        engine = plain_engine(url)
        with engine.begin() as connection:
            command.revision(_config(connection), message, autogenerate=True, rev_id=revision)
        engine.dispose()


def _config(connection: object) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


if __name__ == "__main__":
    folder = Path(__file__).parent / "migrations" / "versions"
    write_revision(sys.argv[1], f"{len(list(folder.glob('*.py'))) + 1:04d}")
