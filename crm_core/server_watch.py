"""Tells a database server that hangs from one that is slow, and gives it up: who waits for it is told within 5 s.

A server that is stopped, or cut off by a proxy, takes questions and answers none. Its own limits do not run then, and a
limit of ours on each statement would end a report that is merely long. So whoever has waited for a second makes us ask
the server for a sign of life; only without one everything that waits for it ends. For the pages alone: the telephone's
side waits as long as it takes, and its journal keeps everything. See docs/decisions/0065-a-server-that-hangs.md.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from weakref import WeakSet

import structlog
from psycopg import AsyncConnection, Error, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from sqlalchemy import make_url

from crm_core.db import Database, make_engine

log = structlog.get_logger(__name__)

WAITED_SECONDS = 1.0  # a click's own statement takes milliseconds
SIGN_SECONDS = 2.5  # a busy machine makes a connection in some 100 ms
AGAIN_SECONDS = 1.0  # from one question for a sign of life to the next
LATE_SECONDS = 0.5  # a loop that was held up for so long has not listened: it asks again
SEND_MILLISECONDS = 4000  # a server that is gone takes nothing more: the kernel ends the connection
_RV = TypeVar("_RV")


class WatchedConnection(AsyncConnection[Any]):
    """A connection of psycopg all whose waiting is known to a watch."""

    watch: ServerWatch | None = None

    async def wait(self, gen: PQGen[_RV], *args: Any, **words: Any) -> _RV:
        if self.watch is None:
            return await super().wait(gen, *args, **words)
        with self.watch.waiting():
            return await super().wait(gen, *args, **words)

    def cut(self) -> None:
        """Whoever waits for an answer on it gets OperationalError now: to cancel would ask the server, and wait."""
        if self.closed:
            return
        with socket.socket(fileno=os.dup(self.fileno())) as line, suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


class ServerWatch:
    """Of one server, for all connections of one engine. Lives in the loop that uses them."""

    def __init__(self, *, waited: float = WAITED_SECONDS, sign: float = SIGN_SECONDS) -> None:
        self._waited, self._sign = waited, sign
        self._connections: WeakSet[WatchedConnection] = WeakSet()
        self._waits: dict[object, float] = {}  # since when, the longest first
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._how: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})
        self.hangs = False

    async def connect(self, *args: Any, **words: Any) -> WatchedConnection:
        """As psycopg's. Raises OperationalError, at once while the server hangs."""
        words.setdefault("tcp_user_timeout", SEND_MILLISECONDS)
        self._how = (args, words)
        if self.hangs:
            raise OperationalError("the database server hangs")
        try:
            async with asyncio.timeout(self._waited + self._sign):
                with self.waiting():
                    made = await WatchedConnection.connect(*args, **words)
        except TimeoutError:
            raise ConnectionTimeout("the database server does not take connections") from None
        made.watch = self
        self._connections.add(made)
        return made

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Somebody waits for the server until the block ends."""
        wait = object()
        self._waits[wait] = asyncio.get_running_loop().time()
        self._look_in(self._waited)
        try:
            yield
        finally:
            del self._waits[wait]

    def close(self) -> None:
        for work in (self._timer, self._looking):
            if work is not None:
                work.cancel()

    def _look_in(self, seconds: float) -> None:
        if self._timer is None and self._looking is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._waits:
            return
        left = next(iter(self._waits.values())) + self._waited - asyncio.get_running_loop().time()
        if left > 0:
            self._look_in(left)
        else:
            self._looking = asyncio.create_task(self._find_out(), name="database-sign-of-life")

    async def _find_out(self) -> None:
        """Once for a server that answers; until it answers again for one that hangs."""
        try:
            while not await self._answers():
                if not self.hangs:
                    self.hangs = True
                    log.error("database_hangs", waiting=len(self._waits))
                for connection in list(self._connections):
                    connection.cut()
                await asyncio.sleep(AGAIN_SECONDS)
            if self.hangs:
                log.info("database_answers_again")
            self.hangs = False
        finally:
            self._looking = None
            if self._waits:  # something long: it may yet begin to hang
                self._look_in(AGAIN_SECONDS)

    async def _answers(self) -> bool:
        """A refusal is an answer, too: whoever waits gets one of their own."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            asking = asyncio.create_task(self._ask())
            done, _ = await asyncio.wait({asking}, timeout=self._sign)
            if done:
                return asking.result()
            asking.cancel()
            asking.add_done_callback(lambda late: late.cancelled() or late.exception())
            if loop.time() - began < self._sign + LATE_SECONDS:
                return False

    async def _ask(self) -> bool:
        args, words = self._how
        try:
            async with await AsyncConnection.connect(*args, **words) as connection:
                await connection.execute("SELECT 1")
        except ConnectionTimeout:
            return False
        except (Error, OSError):
            return True
        return True


class WatchedDatabase(Database):
    """A PostgreSQL database for the pages: a server that hangs is one that is away, after at most 5 s."""

    def __init__(self, url: str) -> None:
        self.watch = ServerWatch()
        super().__init__(make_engine(url, async_creator_fn=self.watch.connect))

    async def close(self) -> None:
        self.watch.close()
        await super().close()


def database_of_pages(url: str) -> Database:
    """The database as people at a page use it; SQLite has no server that could hang."""
    on_server = make_url(url).get_backend_name() == "postgresql"
    return WatchedDatabase(url) if on_server else Database(make_engine(url))
