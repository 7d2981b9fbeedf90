"""A site of 20,000 customers: whatever is typed or calls is answered by an index, never by reading everything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, create_engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.big_site import NOW, build
from crm_core.customers.duplicates import check
from crm_core.customers.identities import _blocks
from crm_core.customers.model import CustomerPhone
from crm_core.customers.search import questions
from crm_core.db import Database, make_engine

CUSTOMERS, CONTACTS = 20_000, 20_000
TYPED = (
    *("陈建", "陈建国", "chenjian", "cjg", "cj", "13843", "138431", "13843107706", "7706", "43107706", "+8613843"),
    *("吉A", "吉AD306", "P001", "P0012847", "012847", "LYHEA6B17P0012847", "GD-0713-0183", "0713-0183"),
)


@pytest.fixture(scope="module")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('big') / 'site.db'}"
    build(url, CUSTOMERS, CONTACTS)
    return url


@pytest.fixture(scope="module")
def postgres_site(postgres_url: str) -> str:
    """A database of its own: the one of the other tests is emptied before each of them."""
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    name = f"{server.url.database}_big"
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    build(url, CUSTOMERS, CONTACTS)
    return url


async def plan(session: AsyncSession, statement: Select[Any]) -> str:
    """How the database answers, with the values it was asked with."""
    dialect = session.get_bind().dialect
    compiled = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    word = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
    if dialect.name == "postgresql":  # at this size reading all is often cheaper: only whether an index serves is asked
        await session.execute(text("SET LOCAL enable_seqscan = off"))
    rows = await session.execute(text(f"{word} {compiled}".replace(":", "\\:")))
    return "\n".join(str(row[-1]) for row in rows)


async def read_whole(session: AsyncSession, statement: Select[Any]) -> list[str]:
    """The large tables that are read from end to end."""
    told = await plan(session, statement)
    if session.get_bind().dialect.name == "sqlite":
        return re.findall(r"^SCAN (?!.*USING (?:COVERING )?INDEX .*\()(\w+)", told, re.MULTILINE)
    return re.findall(r"Seq Scan on (\w+)", told)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_every_question_of_the_search_is_answered_by_an_index(kind: str, request: pytest.FixtureRequest):
    url = request.getfixturevalue("sqlite_site" if kind == "sqlite" else "postgres_site")
    database = Database(make_engine(url))
    async with database.begin() as session:
        asked = 0
        for typed in TYPED:
            for found_by, statement in questions(session, typed):
                whole = await read_whole(session, statement.limit(8))  # type: ignore[arg-type]
                assert set(whole) <= {"case_file"}, (typed, found_by)  # no cases on this site
                asked += 1
        assert asked > 30
        number = Select(CustomerPhone.customer_id).where(CustomerPhone.e164 == "+8613843107706")
        assert await read_whole(session, number) == []
    await database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_one_customer_is_compared_with_everybody_by_indexes(kind: str, request: pytest.FixtureRequest):
    url = request.getfixturevalue("sqlite_site" if kind == "sqlite" else "postgres_site")
    database = Database(make_engine(url))
    async with database.begin() as session:
        for statement in _blocks():
            one_id, _ = statement.selected_columns
            assert await read_whole(session, statement.where(one_id.in_((5, 6)))) == []  # type: ignore[arg-type]
        assert await check(session, range(1, 400), at=NOW) > 0
    await database.close()


def test_the_same_dice_tell_the_same_site(tmp_path: Path):
    import sqlite3

    told = []
    for name in ("one.db", "two.db"):
        build(f"sqlite+aiosqlite:///{tmp_path / name}", 300, 300)
        with sqlite3.connect(tmp_path / name) as connection:
            told.append(connection.execute("SELECT name, name_pinyin, birth_year FROM customer ORDER BY id").fetchall())
    assert told[0] == told[1]
