"""A SQLite site goes to PostgreSQL with every row, or nothing of it does."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Row, create_engine, insert, make_url, select, text
from sqlalchemy.orm import Session

from crm_core.customers.model import Customer, CustomerPhone
from crm_core.database_checks import DatabaseAway, DatabaseUnusable, examine, parsed, sync_engine
from crm_core.errors import PlatformError
from crm_core.history.model import Contact
from crm_core.migrate import differences
from crm_core.moving.move import Moved, move
from crm_core.schema import SchemaTooNew
from crm_core.tables import METADATA
from tests.unit.crm_core.conftest import DemoSite, empty_postgres

AT = datetime(2026, 7, 16, 2, 30, 15, 123456, tzinfo=UTC)
ODD = '李\'敏\\N\t"x"\r\n🚗 %s :a {b} \x0b\x08'


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Path:
    file = tmp_path / "hotline.db"
    shutil.copy(sqlite_template, file)
    with Session(sync_engine(parsed(f"sqlite:///{file}"))) as session, session.begin():
        session.add(Customer(id=7, name=ODD, created_at=AT))
        session.flush()
        session.add(CustomerPhone(customer_id=7, e164="+8613900000001"))
    return file


@pytest.fixture
def empty(postgres_url: str) -> Iterator[URL]:
    with empty_postgres(postgres_url) as url:
        yield url


def _server(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def moved_to(file: Path, to: URL) -> dict[str, Moved]:
    return {one.table: one for one in move(file, to, lambda *_: None, setting="--to")}


def every_row(url: URL) -> dict[str, list[tuple[object, ...]]]:
    """As the product reads them."""
    engine = create_engine(url.set(drivername=url.drivername.replace("+aiosqlite", "")))
    with engine.connect() as connection:
        found = {table.name: list(connection.execute(select(table))) for table in METADATA.sorted_tables}
    engine.dispose()
    return {name: sorted((tuple(row) for row in rows), key=repr) for name, rows in found.items()}


def test_every_row_of_a_demo_site_is_there_as_it_was(demo_site: DemoSite, empty: URL):
    """Nearly every table of that site has rows."""
    moved = moved_to(demo_site.file, empty)
    before, after = every_row(parsed(f"sqlite:///{demo_site.file}")), every_row(empty)
    assert {name: len(rows) for name, rows in before.items()} == {name: one.rows for name, one in moved.items()}
    assert sum(1 for one in moved.values() if one.rows) > 60
    different = [name for name, rows in before.items() if rows != after[name]]
    assert different == []


def test_the_moved_database_is_the_one_that_the_migrations_make(site: Path, empty: URL, migrated_postgres: str):
    moved_to(site, empty)
    address = empty.render_as_string(hide_password=False)
    assert differences(address) == []
    assert _indexes(empty) == _indexes(make_url(migrated_postgres))
    examine(address)


def _indexes(url: URL) -> list[Row[tuple[str, str]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        )
        rows = list(found)
    engine.dispose()
    return rows


def test_odd_signs_arrive_as_they_were_and_ids_go_on_behind_the_last_one(site: Path, empty: URL):
    moved_to(site, empty)
    with Session(create_engine(empty)) as session, session.begin():
        assert session.get_one(Customer, 7).name == ODD
        assert session.get_one(Customer, 7).created_at == AT
        session.add(later := Customer(name="王", created_at=AT))
        session.flush()
        assert later.id == 8


def test_a_database_that_holds_something_is_left_as_it_is(site: Path, empty: URL):
    engine = create_engine(empty)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id int)"))
    with pytest.raises(DatabaseUnusable, match=r"holds something already \(the table theirs\).*createdb"):
        moved_to(site, empty)
    engine.dispose()


def test_a_row_that_postgresql_does_not_take_is_named_and_nothing_is_there(site: Path, empty: URL):
    with closing(sqlite3.connect(site)) as connection, connection:
        connection.execute("UPDATE customer SET salutation = ?", ("x" * 5_000,))
    with pytest.raises(DatabaseUnusable, match=r"A row of the table customer .* nothing was changed: value too long"):
        moved_to(site, empty)
    with create_engine(empty).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0  # type: ignore[attr-defined]


def test_a_site_of_an_older_or_a_newer_version_says_what_to_do(site: Path, empty: URL):
    for revision, sentence in (("0001", "older Hotline .* hotline run"), ("9999", "Start the newer version")):
        with closing(sqlite3.connect(site)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        with pytest.raises(PlatformError, match=sentence):
            moved_to(site, empty)
    with pytest.raises(SchemaTooNew, match=r"schema 9999.* Start the newer version"):
        examine(f"sqlite:///{site}")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://hotline@127.0.0.1:1/x", r"No database server answers at 127\.0\.0\.1:1; start it"),
        ("mysql://hotline@127.0.0.1/x", "names no database that Hotline can use"),
        ("nonsense", "names no database that Hotline can use"),
    ],
)
def test_an_address_at_which_no_database_is_says_so(address: str, sentence: str):
    with pytest.raises((DatabaseUnusable, DatabaseAway), match=sentence):
        examine(address)


def test_a_server_that_refuses_says_what_is_wrong(postgres_url: str):
    with pytest.raises(DatabaseUnusable, match=r"There is no database nowhere at .*createdb"):
        examine(make_url(postgres_url).set(database="nowhere").render_as_string(hide_password=False))
    with closing(_server(postgres_url)) as server:
        server.execute("DROP DATABASE IF EXISTS latin")
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with pytest.raises(DatabaseUnusable, match="kept in LATIN1, which has no Chinese"):
        examine(make_url(postgres_url).set(database="latin").render_as_string(hide_password=False))


def test_a_file_that_is_no_database_says_so(tmp_path: Path):
    file = tmp_path / "hotline.db"
    file.write_text("not a database, but long enough to be looked at " * 20)
    with pytest.raises(DatabaseUnusable, match="damaged or no SQLite database"):
        examine(f"sqlite:///{file}")


def test_a_row_that_changes_on_its_way_is_noticed(site: Path, empty: URL, monkeypatch: pytest.MonkeyPatch):
    """As a fault of a disk or of ours would: the contacts arrive with one row less."""
    with create_engine(f"sqlite:///{site}").begin() as connection:
        facts = {"direction": "inbound", "caller": "+8613900000001", "started_at": AT}
        connection.execute(insert(Contact), [{"id": f"c-{n}", **facts} for n in range(3)])
    monkeypatch.setattr("crm_core.moving.move.line", _lossy)
    with pytest.raises(DatabaseUnusable, match="did not arrive as it was sent"):
        moved_to(site, empty)


def _lossy(row: tuple[object, ...], cells: list[object]) -> bytes:
    from crm_core.moving.lines import line

    told = line(row, cells)  # type: ignore[arg-type]
    return b"" if b"c-2" in told else told
