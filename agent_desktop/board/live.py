"""The wallboard for all who watch: one board that follows the feed, one message per change for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.board.queries import day_figures
from agent_desktop.board.wire import DayFigures, board_message
from agent_desktop.ports import FeedSubscription, Telephony
from agent_desktop.site import Site
from crm_core import clock
from crm_core.db import Database
from crm_core.workforce.hours_queries import closures_now
from reports.queries import RowsKeptChanging, board_start
from reports.wallboard import Board
from reports.wallboard_view import BoardSnapshot

log = structlog.get_logger(__name__)

PUSH_SECONDS = 0.12  # a change waits at most so long for the next ones; the first after a pause goes at once
HEARTBEAT_SECONDS = 5.0  # a watcher that hears nothing for longer knows that it is blind
CLOSURE_SECONDS = 2.0
FIGURES_SECONDS = 15.0  # the day's averages are read again at most so often
_CATCH_UP_SECONDS = 0.1


class BoardHub:
    """`messages()` gives the present board and then every change; a slow watcher misses steps, never the end."""

    def __init__(self, db: Database, telephony: Telephony, site: Site) -> None:
        self._db, self._telephony, self._site = db, telephony, site
        self._board: Board | None = None
        self._figures, self._figures_at = DayFigures(), 0.0
        self._closure, self._closure_at = "", 0.0
        self._message, self._next = "", asyncio.Event()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the feed until the block ends."""
        tasks = [asyncio.create_task(run(), name=run.__name__) for run in (self._follow, self._publish)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def snapshot(self) -> BoardSnapshot | None:
        """The board now; None until the first one is read."""
        return self._board.snapshot(clock.instant(clock.now())) if self._board else None

    async def present(self) -> str:
        """The message of this moment, for the first page."""
        await self._refresh_figures()
        return self._encoded()

    async def messages(self) -> AsyncIterator[str]:
        """JSON texts of agent_desktop.board.wire, the present one first."""
        yield await self.present()
        while True:
            await self._next.wait()
            yield self._message

    async def _follow(self) -> None:
        while True:
            try:
                async with self._telephony.follow() as feed:
                    await self._follow_one_day(feed)
            except (SQLAlchemyError, OSError, RowsKeptChanging) as away:
                log.warning("board_not_read", error=str(away))
                await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _follow_one_day(self, feed: FeedSubscription) -> None:
        """Until midnight of the site, or until the feed closes or leaves a number out: then a fresh board is read."""
        board = await self._fresh_board(at_least=self._telephony.floor().number)
        self._board, self._figures_at = board, 0.0
        self._changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, board.day_end - clock.instant(clock.now()))):
                async for record in feed:
                    if record.number > board.number + 1:
                        log.warning("board_missed_records", after=board.number, got=record.number)
                        return
                    if board.apply(record):
                        self._changed.set()

    async def _fresh_board(self, at_least: int) -> Board:
        """From the database, once the history has written what the feed told before we began to listen."""
        zone = self._site.zone
        while True:
            start, end = clock.day_bounds(clock.now().astimezone(zone).date(), zone)
            async with self._db.begin() as session:
                facts = await board_start(session, start, end)
            if facts.number >= at_least:
                floor = self._telephony.floor()
                away = frozenset(desk.agent for desk in floor.agents if not desk.reachable)
                return Board(facts, away, None if floor.connected else floor.at)
            await asyncio.sleep(_CATCH_UP_SECONDS)

    async def _publish(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._changed.wait()
            self._changed.clear()
            await self._refresh_figures()
            self._message = self._encoded()
            told, self._next = self._next, asyncio.Event()
            told.set()
            await asyncio.sleep(PUSH_SECONDS)

    def _encoded(self) -> str:
        now = clock.instant(clock.now())
        if self._board is None:
            return "null"
        return board_message(self._board.snapshot(now), self._figures, now, closure=self._closure).decode()

    async def _refresh_closure(self, now: datetime) -> None:
        """Far oftener than the figures: whoever closed the hotline looks at the wall at once."""
        if clock.instant(now) - self._closure_at < CLOSURE_SECONDS:
            return
        self._closure_at = clock.instant(now)
        try:
            async with self._db.begin() as session:
                self._closure = ", ".join(one.reason for one in await closures_now(session, now))
        except (SQLAlchemyError, OSError) as away:
            log.warning("closures_not_read", error=str(away))

    async def _refresh_figures(self) -> None:
        now = clock.now()
        await self._refresh_closure(now)
        if clock.instant(now) - self._figures_at < FIGURES_SECONDS:
            return
        self._figures_at = clock.instant(now)
        try:
            self._figures = await self._read_figures(now)
        except (SQLAlchemyError, OSError) as away:
            log.warning("board_figures_not_read", error=str(away))

    async def _read_figures(self, now: datetime) -> DayFigures:
        start, end = clock.day_bounds(now.astimezone(self._site.zone).date(), self._site.zone)
        async with self._db.begin() as session:
            return await day_figures(session, start, end, now)
