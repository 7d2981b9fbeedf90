"""What is done on a page of one web worker is seen on the pages of the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import cast

import pytest

from agent_desktop.admin.sign_ins import SignIns
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.staffing import plays
from agent_desktop.staffing.plays import NoSuchPlay, Plays
from crm_core.clock import now
from crm_core.db import Database
from cti.wire.bus import PAGES, Bus, InProcessBus
from cti.wire.messages import PageNews, to_bytes


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not seen():  # noqa: ASYNC110 - what a page would see, which tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def two_workers(bus: Bus) -> AsyncIterator[tuple[OtherWorkers, OtherWorkers]]:
    one, other = OtherWorkers(bus), OtherWorkers(bus)
    async with one.running(), other.running():
        await asyncio.sleep(0.01)
        yield one, other


async def test_the_others_hear_it_and_who_tells_does_not():
    heard: list[tuple[str, str, str]] = []
    async with two_workers(InProcessBus()) as (one, other):
        one.hear("contact", lambda key, more: heard.append(("one", key, more)))
        other.hear("contact", lambda key, more: heard.append(("other", key, more)))
        one.tell("contact", "c1", "1018")
        await until(lambda: bool(heard))
        await asyncio.sleep(0.05)
    assert heard == [("other", "c1", "1018")]


async def test_a_fault_in_one_page_and_what_is_no_news_make_nobody_deaf():
    bus, heard = InProcessBus(), []

    def breaks(key: str, more: str) -> None:
        raise ValueError(key)

    async with two_workers(bus) as (one, other):
        other.hear("notice", breaks)
        other.hear("desk", lambda agent, _: heard.append(agent))
        one.tell("notice", "1018", "x")
        await bus.append(PAGES, b"no news")
        await bus.append(PAGES, to_bytes(PageNews(worker="w", kind="nobody hears this")))
        one.tell("desk", "1018")
        await until(lambda: heard == ["1018"])


async def test_where_all_pages_are_in_one_process_nothing_is_told():
    alone = OtherWorkers()
    async with alone.running():
        alone.tell("desk", "1018")


async def test_a_sign_in_that_was_ended_in_one_worker_ends_the_open_pages_of_another_at_once():
    bus = InProcessBus()
    async with two_workers(bus) as (one, other):
        there, here = SignIns(_database(), one), SignIns(_database(), other)
        waiting = asyncio.create_task(here.over_when(gone))
        await asyncio.sleep(0)
        there.ended()
        async with asyncio.timeout(3):
            await waiting


class AnyDatabase:
    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        yield


def _database() -> Database:
    return cast(Database, AnyDatabase())


async def gone(_session: object) -> bool:
    return False


async def test_a_what_if_of_one_worker_is_seen_and_stopped_at_another():
    async with two_workers(InProcessBus()) as (one, other):
        here, there = Plays(one), Plays(other)
        async with here.running(), there.running():
            mine = here.start({"days": 10}, owner="3001", day=date(2026, 7, 10), changes={"level": 5}, now=now())
            seen = await there.found(mine.id, "3001")
            assert (seen.day, seen.changes, seen.days, seen.state) == (mine.day, mine.changes, 10, "running")
            with pytest.raises(NoSuchPlay):
                await there.found(mine.id, "3002")
            there.stop(mine.id, "3001")
            await until(lambda: mine.state == "stopped")


async def test_a_worker_that_begins_later_hears_of_what_was_played_before():
    async with two_workers(InProcessBus()) as (one, other):
        here = Plays(one)
        async with here.running():
            mine = here.start({"days": 10}, owner="3001", day=date(2026, 7, 10), changes={}, now=now())
            assert mine.task is not None
            await mine.task  # no plan: it fails
            there = Plays(other)
            async with there.running():
                assert (await there.found(mine.id, "3001")).state == "failed"


async def test_the_what_if_of_a_worker_that_is_gone_has_failed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plays, "SILENT_SECONDS", 0.05)
    async with two_workers(InProcessBus()) as (one, other):
        here, there = Plays(one), Plays(other)
        mine = here.start({"days": 10}, owner="3001", day=date(2026, 7, 10), changes={}, now=now())
        assert mine.task is not None
        mine.task.cancel()
        await there.found(mine.id, "3001")
        await until(lambda: there.of(mine.id, "3001").state == "failed")
