"""A site on PostgreSQL goes into a folder and into another, empty server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from benchmarks.own_postgres import own_postgres, server_programs
from crm_core.access.chain import verify
from crm_core.customers.model import Customer
from crm_core.db import Database, make_engine
from crm_core.migrate import differences, upgrade
from crm_core.schema import plain_engine
from tests.command import app
from tests.unit.recording.calls import BEGAN


def of(url: str, name: str) -> str:
    """A new, empty database of this server."""
    engine = plain_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


async def a_customer(url: str) -> None:
    database = Database(make_engine(url))
    async with database.begin() as session:
        session.add(Customer(name="陈建国", created_at=BEGAN))
    await database.close()


async def look(url: str) -> None:
    database = Database(make_engine(url))
    async with database.begin() as session:
        assert list(await session.scalars(select(Customer.name))) == ["陈建国"]
        assert (await verify(session)).whole
        session.add(Customer(name="王", created_at=BEGAN))  # numbers go on behind those that were restored
    await database.close()


def test_a_site_on_postgresql_comes_back_in_another_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here")
    monkeypatch.chdir(tmp_path)

    def says(url: str, folder: str, *words: str):
        environment = {"HOTLINE_RUN_DIR": str(tmp_path / folder), "HOTLINE_DATABASE_URL": url}
        return CliRunner().invoke(app, words, env=environment)

    with own_postgres(programs) as server:
        old, new = of(server, "old"), of(server, "new")
        upgrade(old)
        asyncio.run(a_customer(old))
        kept = str(tmp_path / "kept")
        taken = says(old, "old", "backup", kept)
        assert taken.exit_code == 0, (taken.output, taken.exception)
        assert says(old, "old", "backup", kept, "--verify").exit_code == 0
        assert "its database is not empty" in str(says(old, "new", "restore", kept).exception)
        assert "names one of sqlite" in str(says("", "new", "restore", kept).exception)
        done = says(new, "new", "restore", kept)
        assert done.exit_code == 0, (done.output, done.exception)
        asyncio.run(look(new))
        assert differences(new) == []
        away = says("postgresql+psycopg://hotline@127.0.0.1:1/none", "old", "backup", kept)
    assert "Check HOTLINE_DATABASE_URL." in str(away.exception)
