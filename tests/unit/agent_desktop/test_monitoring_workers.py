"""Whichever web worker Prometheus reaches, it reads the same, and no counter falls when a worker comes or goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from agent_desktop.monitoring.counted import FeedCounts
from agent_desktop.monitoring.hub import TIMES
from agent_desktop.monitoring.tally import Tally, Values
from agent_desktop.monitoring.workers import Workers
from agent_desktop.other_workers import OtherWorkers
from crm_core.history import events
from crm_core.history.events import FeedRecord, HistoryEvent
from cti.wire.bus import InProcessBus

BEGAN, WAITED = ("hotline_contacts_started", "inbound"), ("hotline_answer_wait_seconds", "repair")


@dataclass
class Worker:
    counts: Workers
    times: Tally

    def answers(self, seconds: float) -> None:
        self.times.observe(TIMES.name, seconds, "/desk", "2xx")

    async def told(self) -> tuple[float, Values]:
        """How many answers of pages, and what was counted of the feed."""
        pages, feed = await self.counts.whole()
        return sum(sum(numbers[:-1]) for numbers in pages.values()), feed


@dataclass
class Site:
    bus: InProcessBus
    number: int = 0

    @asynccontextmanager
    async def worker(self, began: float) -> AsyncIterator[Worker]:
        others, times = OtherWorkers(self.bus), Tally([TIMES])
        worker = Worker(Workers(others, times, FeedCounts(), clock=lambda: began), times)
        async with others.running():
            await asyncio.sleep(0)  # it follows the line from here on
            work = asyncio.create_task(worker.counts.take_over(self.number))
            yield worker
            work.cancel()

    def happens(self, event: HistoryEvent, *workers: Worker) -> None:
        self.number += 1
        for worker in workers:
            worker.counts.take(FeedRecord(number=self.number, event=event))


def a_call(call: str) -> HistoryEvent:
    return events.ContactStarted(at=0, call=call, direction=events.Direction.INBOUND, caller="1", entry="4")


async def settled(worker: Worker) -> None:
    async with asyncio.timeout(5):
        while worker.counts._early is not None:  # noqa: ASYNC110  nobody but a test waits for it
            await asyncio.sleep(0.02)


@pytest.fixture
def site() -> Site:
    return Site(InProcessBus())


async def test_answers_of_all_workers_are_added_whichever_is_asked(site: Site):
    async with site.worker(1) as first, site.worker(2) as second:
        for seconds in (0.02, 0.3, 4):
            first.answers(seconds)
        second.answers(0.1)
        assert [(await one.told())[0] for one in (first, second)] == [4, 4]


async def test_a_worker_that_comes_later_goes_on_from_what_the_older_ones_counted(site: Site):
    async with site.worker(1) as first:
        for number in range(3):
            site.happens(a_call(f"c{number}"), first)
        site.happens(events.CallQueued(at=10, call="c1", queue="repair"), first)
        async with site.worker(2) as second:
            site.happens(a_call("c4"), first, second)  # while it takes over
            await settled(second)
            site.happens(events.CallLeftQueue(at=17, call="c1", queue="repair", result="answered"), first, second)
            tallies = [worker.counts._feed.tally.values for worker in (first, second)]
            assert tallies[0] == tallies[1]
            assert tallies[1][BEGAN] == [4]
            assert tallies[1][WAITED][-1] == 7


async def test_nothing_falls_when_a_worker_ends_and_another_one_takes_its_place(site: Site):
    async with AsyncExitStack() as there:
        second = await there.enter_async_context(site.worker(2))
        async with site.worker(1) as first:
            for number in range(5):
                site.happens(a_call(f"c{number}"), first, second)
            first.answers(0.2)
            second.answers(0.2)
            assert (await second.told())[0] == 2
        answers, feed = await second.told()
        assert (answers, feed[BEGAN]) == (2, [5])
        third = await there.enter_async_context(site.worker(3))
        await settled(third)
        third.answers(0.2)
        told = [await worker.told() for worker in (third, second)]
        assert [(answers, feed[BEGAN]) for answers, feed in told] == [(3, [5]), (3, [5])]


async def test_a_worker_of_another_version_spoils_no_count(site: Site):
    async with site.worker(1) as first:
        first.answers(0.2)
        first.counts._measured(
            "strange", '{"pages": [[["hotline_http_seconds", "/desk"], [1, 2]], [[], []]], "feed": []}'
        )
        assert (await first.told())[0] == 1
