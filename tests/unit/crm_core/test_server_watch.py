"""A database server that hangs is told from a slow one, and whoever waits for it at a page is told within 5 s."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from benchmarks.own_postgres import OwnPostgres, server_programs
from crm_core.db import Database
from crm_core.server_watch import WatchedDatabase, database_of_pages

SOON = 5.0  # seconds in which a click is answered

pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    running = OwnPostgres(programs)
    running.start()
    yield running
    running.freeze(on=False)
    running.stop()
    running.remove()


@pytest.fixture
async def pages(server: OwnPostgres) -> AsyncIterator[Database]:
    database = database_of_pages(server.url)
    async with database.begin() as session:
        await session.execute(text("DROP TABLE IF EXISTS note"))
        await session.execute(text("CREATE TABLE note (words TEXT)"))
    yield database
    server.freeze(on=False)
    await database.close()


async def write(database: Database, words: str) -> None:
    async with database.begin() as session:
        await session.execute(text("INSERT INTO note VALUES (:words)"), {"words": words})


async def notes(database: Database) -> list[str]:
    async with database.begin() as session:
        return list(await session.scalars(text("SELECT words FROM note ORDER BY words")))


async def answers(database: Database, within: float) -> None:
    """The server is taken to be there again."""
    assert isinstance(database, WatchedDatabase)
    async with asyncio.timeout(within):
        while database.watch.hangs:  # noqa: ASYNC110  pages need no event of it: they ask again
            await asyncio.sleep(0.05)


async def test_who_waits_for_a_server_that_hangs_is_told_soon_and_the_next_one_at_once(
    pages: Database, server: OwnPostgres
):
    server.freeze()
    began = time.monotonic()
    crowd = await asyncio.gather(*(write(pages, f"{n}") for n in range(40)), return_exceptions=True)
    assert time.monotonic() - began < SOON
    assert {type(one) for one in crowd} == {OperationalError}
    began = time.monotonic()
    with pytest.raises(OperationalError):
        await write(pages, "too soon")
    assert time.monotonic() - began < 0.5
    server.freeze(on=False)
    await answers(pages, within=5)
    await write(pages, "back")
    assert await notes(pages) == ["back"]


async def test_a_long_statement_of_a_server_that_answers_is_waited_for(pages: Database):
    async with pages.begin() as session:
        assert await session.scalar(text("SELECT 7 FROM pg_sleep(6)")) == 7
    assert isinstance(pages, WatchedDatabase)
    assert not pages.watch.hangs


async def frozen_at_the_commit(pages: Database, server: OwnPostgres) -> None:
    async with pages.begin() as session:
        await session.execute(text("INSERT INTO note VALUES ('sent')"))
        server.freeze()


async def frozen_before_the_statement(pages: Database, server: OwnPostgres) -> None:
    async with pages.begin() as session:
        await session.execute(text("SELECT 1"))
        server.freeze()
        await session.execute(text("INSERT INTO note VALUES ('lost')"))


async def test_a_commit_without_an_answer_is_told_from_a_statement_without_one(pages: Database, server: OwnPostgres):
    with pytest.raises(DBAPIError) as unsure:
        await frozen_at_the_commit(pages, server)
    assert unsure.value.connection_invalidated
    assert unsure.value.statement is None
    server.freeze(on=False)
    await answers(pages, within=5)
    with pytest.raises(DBAPIError) as lost:
        await frozen_before_the_statement(pages, server)
    assert lost.value.statement is not None
    server.freeze(on=False)
    await answers(pages, within=5)
    assert await notes(pages) == ["sent"]  # it arrived with its COMMIT, and nobody was told so


async def test_a_server_that_is_down_is_away_at_once_and_not_taken_for_one_that_hangs(
    pages: Database, server: OwnPostgres
):
    await write(pages, "before")
    server.stop()
    try:
        began = time.monotonic()
        with pytest.raises(OperationalError):
            await notes(pages)
        with pytest.raises(OperationalError):
            await notes(pages)
        assert time.monotonic() - began < 1
    finally:
        server.start()
    assert await notes(pages) == ["before"]
