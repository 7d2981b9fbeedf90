"""The processes of the proof: a dialer that is killed, a customer who says no meanwhile. Made by fork, for speed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from acd.dialer import Staffing
from crm_core.clock import from_instant
from crm_core.consent.actions import answer
from crm_core.consent.purposes import Channel, Purpose
from crm_core.db import Database, make_engine
from crm_core.dialling import dialable
from crm_core.history.journal import Journal
from crm_core.history.writer import HistoryWriter, stored_position
from cti.attempt_settling import Pulse
from cti.campaign_ports import DialOrder
from cti.dialing import Dialer, SiteCaps
from cti.feed import Feed
from hotline.campaign_book import DatabaseAttempts
from tests.dialer_kills.days import SPEED, ZONE, FastDays
from tests.dialer_kills.far_line import FarLine

PULSE = Pulse(
    tick=0.05,
    nothing_due=0.2 * SPEED,
    old_enough=0.25 * SPEED,
    look_every=2 * SPEED,
    silent=5 * SPEED,
    stale=10 * SPEED,
    wanted=2 * SPEED,
)
AGENTS, ALL_AGENTS = 12, 40
"""While it is killed, and when the rest of the list is dialled in peace."""


@dataclass(frozen=True, slots=True)
class World:
    url: str
    folder: Path
    clock: FastDays

    @property
    def socket(self) -> Path:
        return self.folder / "line"


class DyingBook(DatabaseAttempts):
    """Kills its own process at the worst moment: after the commit of so many claims, before any call is placed."""

    dies_after = 0

    async def claim(self, campaign: int, most: int, *, at: datetime) -> list[DialOrder]:
        orders = await super().claim(campaign, most, at=at)
        if orders and self.dies_after:
            self.dies_after -= 1
            if not self.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
        return orders


class DyingLine(FarLine):
    """Kills its own process with half of its orders out."""

    dies_after = 0

    async def place(self, order: DialOrder) -> None:
        await super().place(order)
        if self.dies_after:
            self.dies_after -= 1
            if not self.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], Coroutine[Any, Any, object]]) -> int:
    """The id of a process that does this work; it ends with status 0 when the work is done."""
    child = os.fork()
    if child:
        return child
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    try:
        asyncio.run(work())
    except BaseException as wrong:
        print(f"dialer process: {wrong!r}", flush=True)
        os._exit(1)
    os._exit(0)


async def dial(world: World, way: str = "", chance: random.Random | None = None, agents: int = AGENTS) -> None:
    """Until killed; `way` is when this process kills itself: commit, place, or "" = it does not."""
    database = Database(make_engine(world.url))
    async with database.begin() as session:
        journal = Journal(world.folder / "journal", after=await stored_position(session))
    feed = Feed(journal)
    writer = HistoryWriter(database, journal, pace_seconds=0.05)
    line = DyingLine(feed)
    book = DyingBook(database, ZONE, lambda _who, number: dialable(number, ("86",)))
    after = chance.randint(1, 6) if chance else 0
    book.dies_after, line.dies_after = (after if way == "commit" else 0), (after if way == "place" else 0)
    dialer = Dialer(
        book=book,
        line=line,
        events=feed,
        floor=lambda _queue, at: Staffing(at=at, ready=agents),
        caps=SiteCaps(lines=40, in_a_minute=100_000),
        pulse=PULSE,
        clock=world.clock,
    )
    await line.connect(world.socket)
    async with asyncio.TaskGroup() as together:
        together.create_task(writer.run())
        together.create_task(dialer.run(lambda: writer.written(feed.number)))


async def say_no(world: World, customer: int) -> None:
    """A customer opts out; committed when this returns, with the time after it in the file."""
    database = Database(make_engine(world.url))
    at = from_instant(world.clock())
    said: dict[str, Any] = {"contact_id": "", "words": "不要再打", "actor": "1018", "at": at}
    async with database.begin() as session:
        await answer(session, customer, Purpose.SURVEY, Channel.PHONE, False, **said)
    with (world.folder / "said-no").open("a") as out:
        out.write(f"{customer} {world.clock()}\n")
    await database.close()


async def forget(world: World) -> None:
    """The log of the last call that ended is lost."""
    line = FarLine(None)
    reader, line._writer = await asyncio.open_unix_connection(str(world.socket))
    line._send({"do": "forget", "number": 1})
    with (world.folder / "forgotten").open("ab") as out:
        out.write(await reader.readline())
