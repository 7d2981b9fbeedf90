"""A migrated database for each test: SQLite always, PostgreSQL too where a server can be had."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.own_postgres import own_postgres, server_programs
from crm_core.database_checks import parsed
from crm_core.db import Database, make_engine
from crm_core.demo.load import load_demo
from crm_core.demo.staff import DemoLogin
from crm_core.migrate import upgrade
from crm_core.tables import METADATA


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is counted on SQLite: on PostgreSQL the same lines run once more, and counting doubles the time."""
    for item in items:
        if "postgresql" in _parameters(item):
            item.add_marker("no_cover")


def _parameters(item: pytest.Item) -> Collection[object]:
    return item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()


def _own_database(server: str) -> str:
    """An empty database of this test process on a given server."""
    name = f"hotline_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty database; the tests that ask for it are skipped where there is no server."""
    given = os.environ.get("HOTLINE_TEST_POSTGRES")
    if given:
        yield _own_database(given)
        return
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here and HOTLINE_TEST_POSTGRES is not set")
    with own_postgres(programs) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated file, copied for each test: migrating is the slow part."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A SQLite file that nobody writes into, and who may sign in."""

    file: Path
    logins: tuple[DemoLogin, ...]
    loaded_at: datetime


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> DemoSite:
    """The whole demo of a Wednesday, noon in Shanghai: loaded once for all processes of this run."""
    own = tmp_path_factory.getbasetemp()
    folder, at = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own, datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
    file, logins = folder / "demo.db", folder / "demo-logins"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not logins.exists():
            shutil.copy(sqlite_template, file)
            logins.write_bytes(pickle.dumps(load_demo(f"sqlite+aiosqlite:///{file}", at)))
    return DemoSite(file, pickle.loads(logins.read_bytes()), at)  # noqa: S301  # by this run itself


@contextmanager
def empty_postgres(url: str) -> Iterator[URL]:
    """An empty database of its own on the tests' server, until the block ends."""
    name = f"{make_url(url).database}_moved"
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(plain, autocommit=True)) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {name}".encode())
        yield parsed(make_url(url).set(database=name).render_as_string(hide_password=False))
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    upgrade(postgres_url)
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database; the same address in each test."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = template.with_name("hotline.db")
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        shutil.copy(template, path)
        return f"sqlite+aiosqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        server.execute(_emptying())
    return url


@cache
def _emptying() -> str:
    """Deletes what the test before left. TRUNCATE of every table takes ten times as long: it makes all files anew."""
    one = "IF EXISTS (SELECT FROM {0}) THEN DELETE FROM {0}; END IF;"
    deletions = "\n".join(one.format(table.name) for table in reversed(METADATA.sorted_tables))
    return f"""
        DO $$ DECLARE used record; BEGIN
        {deletions}
        FOR used IN SELECT sequencename, start_value FROM pg_sequences WHERE last_value IS NOT NULL LOOP
            PERFORM setval(quote_ident(used.sequencename)::regclass, used.start_value, false);
        END LOOP;
        END $$"""  # noqa: S608 - the names are those of our own tables


@cache
def _engine(url: str) -> AsyncEngine:
    """One for all tests: it keeps the statements that it has compiled. Its connections are each test's own."""
    return make_engine(url)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(_engine(database_url))
    yield database
    await database.close()
