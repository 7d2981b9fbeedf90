"""People are told once that an Asterisk or Kamailio is away, and once that it is back; a start is no alarm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.db import Database
from crm_core.lines.notices import ABOUT
from crm_core.notices.model import WorkNotice
from hotline import asterisk_alarms
from hotline.asterisk_alarms import AsteriskAlarms
from tests.browser import people
from tests.empty_databases import sqlite_database
from tests.scripted_telephony import ScriptedTelephony


@pytest.fixture
async def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(asterisk_alarms, "LOOK_SECONDS", 0.01)
    opened = sqlite_database(tmp_path / "alarms.db")
    async with opened.begin() as session:
        await people.settle(session)
    yield opened
    await opened.close()


class Proxy:
    answers = True

    def nodes_up(self) -> dict[str, bool]:
        if not self.answers:
            raise ConnectionRefusedError
        return {}


def two_asterisks() -> ScriptedTelephony:
    telephony = ScriptedTelephony(people.AGENT)
    telephony.asterisks = 2
    return telephony


async def notices(db: Database) -> list[tuple[str, str]]:
    async with db.begin() as session:
        mine = select(WorkNotice).where(WorkNotice.number == people.ADMIN, WorkNotice.about == ABOUT)
        return [(one.subject, one.kind) for one in await session.scalars(mine.order_by(WorkNotice.id))]


async def until(db: Database, *wanted: tuple[str, str]) -> None:
    for _ in range(250):
        if await notices(db) == list(wanted):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(await notices(db))


async def with_alarms(db: Database, desk: Any, proxy: Any, work: Callable[[], Any]) -> None:
    running = asyncio.create_task(AsteriskAlarms(db, desk, proxy).run())
    try:
        await asyncio.sleep(0.1)
        await work()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_an_asterisk_that_goes_and_comes_back_is_told_once_each(db: Database):
    desk = two_asterisks()

    async def work() -> None:
        desk.asterisks_away = (2,)
        await until(db, ("Asterisk 2", "node_away"))
        await asyncio.sleep(0.1)
        desk.asterisks_away = ()
        await until(db, ("Asterisk 2", "node_away"), ("Asterisk 2", "node_back"))

    await with_alarms(db, desk, Proxy(), work)
    async with db.begin() as session:
        acts = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert acts[-2:] == ["node_lost", "node_back"]


async def test_one_that_is_still_starting_is_no_alarm(db: Database):
    desk = two_asterisks()
    desk.asterisks_away = (2,)

    async def work() -> None:
        await asyncio.sleep(0.2)
        assert await notices(db) == []

    await with_alarms(db, desk, Proxy(), work)


async def test_kamailio_that_does_not_answer_is_told_and_shown(db: Database):
    desk, proxy = two_asterisks(), Proxy()

    async def work() -> None:
        proxy.answers = False
        await until(db, ("Kamailio", "proxy_away"))
        assert desk.proxy_away
        proxy.answers = True
        await until(db, ("Kamailio", "proxy_away"), ("Kamailio", "proxy_back"))
        assert not desk.proxy_away

    await with_alarms(db, desk, proxy, work)


async def test_a_platform_that_begins_anew_does_not_tell_again_but_tells_that_it_is_back(db: Database):
    desk = two_asterisks()

    async def lost() -> None:
        desk.asterisks_away = (1,)
        await until(db, ("Asterisk 1", "node_away"))

    async def back() -> None:
        assert await notices(db) == [("Asterisk 1", "node_away")]
        desk.asterisks_away = ()
        await until(db, ("Asterisk 1", "node_away"), ("Asterisk 1", "node_back"))

    await with_alarms(db, desk, Proxy(), lost)
    await with_alarms(db, desk, Proxy(), back)
