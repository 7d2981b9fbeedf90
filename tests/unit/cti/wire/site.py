"""Both ends of the wire in one test: a telephony that the test directs, and what a web worker sees of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crm_core.history.events import FeedRecord, HistoryEvent
from cti.feed import Feed
from cti.wire.answerer import Answerer
from cti.wire.bus import Bus
from cti.wire.remote_desk import RemoteDesk
from cti.wire.teller import Teller
from ivr.recogniser import RecogniserLost
from tests.scripted_telephony import ScriptedTelephony


class Journal:
    """A journal in memory."""

    def __init__(self) -> None:
        self.last_number = 0
        self.records: list[FeedRecord] = []

    def append(self, *step: FeedRecord) -> None:
        self.last_number = step[-1].number
        self.records += step

    def flush(self) -> None:
        return

    def read(self, after_number: int, limit: int | None = None) -> Iterator[FeedRecord]:
        return (record for record in list(self.records) if record.number > after_number)

    def close(self) -> None:
        return


class TelephonyProcess(ScriptedTelephony):
    """What it tells goes into a real feed, too; a later process goes on in the journal of the one before."""

    def __init__(self, *agents: str, journal: Journal | None = None) -> None:
        super().__init__(*agents)
        self.journal = journal or Journal()
        self.feed = Feed(self.journal)
        self.number = self.feed.number

    def tell(self, event: HistoryEvent) -> FeedRecord:
        self.feed.publish(event)
        return super().tell(event)


@asynccontextmanager
async def leading(bus: Bus, telephony: TelephonyProcess, *, epoch: int = 1) -> AsyncIterator[Teller]:
    teller = Teller(bus, telephony, telephony.feed, epoch=epoch, campaigns=lambda: tuple(telephony.paces))  # type: ignore[arg-type]
    answerer = Answerer(bus, telephony, telephony.feed, teller, epoch=epoch, never_heard=_never_heard)
    works = [asyncio.create_task(work.run()) for work in (teller, answerer)]
    try:
        yield teller
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def _never_heard(language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
    if language != "zh-CN":
        raise RecogniserLost(language)
    return tuple(phrase for phrase in phrases if phrase.isascii())


@dataclass(frozen=True, slots=True)
class Both:
    telephony: TelephonyProcess
    web: RemoteDesk


@asynccontextmanager
async def both(bus: Bus, *agents: str) -> AsyncIterator[Both]:
    telephony, web = TelephonyProcess(*agents), RemoteDesk(bus)
    async with leading(bus, telephony), web.running():
        await until(lambda: web.floor().connected)
        yield Both(telephony, web)


async def until(seen: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - what a page would see, which tells nobody
            await asyncio.sleep(0.01)
