"""The wallboard's pushes: a slow watcher misses steps but never the end; a gap or midnight brings a fresh board."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.board import figures, live
from agent_desktop.board.live import STANDARD_ID, BoardHub
from agent_desktop.site import Site
from crm_core import clock
from crm_core.boards import actions
from crm_core.boards.settings import STANDARD, read_settings, write_settings
from crm_core.db import Database
from crm_core.history.events import CallLeftQueue, CallQueued, FeedRecord
from crm_core.history.writer import apply_all
from crm_core.workforce.model import QueueRow
from tests.browser import people
from tests.scripted_telephony import ScriptedTelephony
from tests.settled_databases import settled_database

ZONE = ZoneInfo("Asia/Shanghai")


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await settled_database(tmp_path / "board.db")
    yield opened
    await opened.close()


@pytest.fixture
def telephony() -> ScriptedTelephony:
    return ScriptedTelephony(people.AGENT)


@pytest_asyncio.fixture
async def hub(database: Database, telephony: ScriptedTelephony) -> AsyncIterator[BoardHub]:
    made = BoardHub(database, telephony, Site(name="Hotline", zone=ZONE))
    async with made.running():
        yield made


async def told(messages: AsyncIterator[str], **wanted: Any) -> dict[str, Any]:
    """The first message that says all this."""
    async with asyncio.timeout(20):
        async for message in messages:
            board = json.loads(message)
            if board is None:
                continue
            seen = {**board, "live": board["stale_since"] is None}
            if {name: seen[name] for name in wanted} == wanted:
                return dict(board)
    raise AssertionError


async def test_a_watcher_that_was_busy_is_told_the_last_change_at_once(hub: BoardHub, telephony: ScriptedTelephony):
    async with hub.watching(STANDARD_ID) as messages:
        await told(messages, waiting=0)
        for call in range(4):
            telephony.tell(CallQueued(at=time.time(), call=f"c{call}", queue="repair"))
            await asyncio.sleep(2 * live.PUSH_SECONDS)  # each is pushed while this watcher does not listen
        async with asyncio.timeout(live.HEARTBEAT_SECONDS / 2):
            assert (await told(messages, waiting=4))["number"] == 4


async def test_a_queue_that_gets_another_name_has_it_on_an_open_board(hub: BoardHub, database: Database):
    async with hub.watching(STANDARD_ID) as messages:
        before = await told(messages, waiting=0)
        async with database.begin() as session:
            await session.execute(update(QueueRow).where(QueueRow.id == "repair").values(name_zh="维修专线"))
        hub.forget()
        await asyncio.sleep(0)
        hub.forget()  # the board is just being left
        async with asyncio.timeout(5):
            async for message in messages:
                if "维修专线" in message:
                    break
        assert "维修专线" not in json.dumps(before, ensure_ascii=False)


async def test_while_telephony_is_away_the_board_says_since_when_and_shows_the_last_figures(
    hub: BoardHub, telephony: ScriptedTelephony
):
    async with hub.watching(STANDARD_ID) as messages:
        telephony.tell(CallQueued(at=time.time(), call="c1", queue="repair"))
        await told(messages, waiting=1, live=True)
        since = time.time()
        telephony.go_away()
        blind = await told(messages, live=False)
        assert since <= blind["stale_since"] <= time.time()
        assert blind["waiting"] == 1


@pytest.mark.parametrize("how", ["is down", "hangs"])
async def test_while_the_records_are_away_the_board_says_since_when_and_calls_stay_live(
    hub: BoardHub, telephony: ScriptedTelephony, database: Database, monkeypatch: pytest.MonkeyPatch, how: str
):
    monkeypatch.setattr(figures, "SLOW_SECONDS", 0.2)
    back = asyncio.Event()
    whole = database.begin

    @asynccontextmanager
    async def away() -> AsyncIterator[AsyncSession]:
        if how == "is down" and not back.is_set():
            raise OperationalError("SELECT", {}, ConnectionRefusedError())
        await back.wait()
        async with whole() as session:
            yield session

    async with hub.watching(STANDARD_ID) as messages:
        await told(messages, records_since=None, waiting=0)
        monkeypatch.setattr(database, "begin", away)
        since = await _away(messages)
        telephony.tell(CallQueued(at=time.time(), call="c1", queue="repair"))
        assert (await told(messages, waiting=1, live=True))["records_since"] == since
        back.set()
        await told(messages, records_since=None, waiting=1)


async def _away(messages: AsyncIterator[str]) -> float:
    async with asyncio.timeout(20):
        async for message in messages:
            if since := json.loads(message)["records_since"]:
                return float(since)
    raise AssertionError


async def test_a_gap_in_the_numbers_brings_a_fresh_board_from_the_rows(
    hub: BoardHub, telephony: ScriptedTelephony, database: Database
):
    at = time.time()
    missed = [
        FeedRecord(1, CallQueued(at=at, call="c1", queue="repair")),
        FeedRecord(2, CallLeftQueue(at=at + 2, call="c1", queue="repair", result="answered")),
    ]
    async with hub.watching(STANDARD_ID) as messages:
        await told(messages, number=0)
        async with database.begin() as session:
            await apply_all(session, [*missed, FeedRecord(3, CallQueued(at=at, call="c2", queue="repair"))])
        telephony.number = 2  # two records never came
        telephony.tell(CallQueued(at=at, call="c2", queue="repair"))
        board = await told(messages, number=3)
    assert (board["waiting"], board["offered"], board["answered"]) == (1, 1, 1)


async def test_after_midnight_the_day_begins_anew_and_who_waits_still_waits(
    telephony: ScriptedTelephony, database: Database, monkeypatch: pytest.MonkeyPatch
):
    night = datetime(2026, 7, 16, 23, 59, 58, tzinfo=ZONE)
    began = time.monotonic()
    monkeypatch.setattr(clock, "now", lambda: night + timedelta(seconds=time.monotonic() - began))
    hub = BoardHub(database, telephony, Site(name="Hotline", zone=ZONE))
    at = night.timestamp()
    happened = [
        CallQueued(at=at - 60, call="c1", queue="repair"),
        CallLeftQueue(at=at - 50, call="c1", queue="repair", result="answered"),
        CallQueued(at=at - 5, call="c2", queue="repair"),
    ]
    async with database.begin() as session:
        await apply_all(session, [FeedRecord(number, event) for number, event in enumerate(happened, 1)])
    telephony.number = 3
    async with hub.running(), hub.watching(STANDARD_ID) as messages:
        assert (await told(messages, offered=1))["waiting"] == 1
        board = await told(messages, offered=0)
    assert (board["waiting"], board["slot"]) == (1, 0)


async def test_two_boards_of_one_site_are_told_their_own_queues(
    hub: BoardHub, telephony: ScriptedTelephony, database: Database
):
    only = read_settings({**write_settings(STANDARD), "queues": ["enquiry"]})
    async with database.begin() as session:
        board = (await actions.make_board(session, "咨询", only, actor="2001", at=clock.now())).id
    async with hub.watching(STANDARD_ID) as everything, hub.watching(board) as enquiries:
        telephony.tell(CallQueued(at=time.time(), call="c1", queue="repair"))
        assert len((await told(everything, waiting=1))["queues"]) == 2
        shown = await told(enquiries, number=1)
    assert (shown["waiting"], [line["id"] for line in shown["queues"]]) == (0, ["enquiry"])
