"""The wallboards for all who watch: one state that follows the feed, one message per change and board for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.board.figures import SharedFigures
from agent_desktop.board.wire import board_message
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.ports import FeedSubscription, Telephony
from agent_desktop.site import Site
from crm_core import clock
from crm_core.boards import actions
from crm_core.boards.settings import STANDARD, BoardSettings, read_settings
from crm_core.db import Database
from crm_core.errors import NotFound
from crm_core.history.writer import stored_position
from reports.queries import RowsKeptChanging, board_start
from reports.wallboard import Board
from reports.wallboard_view import BoardScope, BoardSnapshot

log = structlog.get_logger(__name__)

STANDARD_ID = 0
PUSH_SECONDS = 0.12  # a change waits at most so long for the next ones; the first after a pause goes at once
DESKS_FIRST_SECONDS = 0.005  # what rings is drawn before hundreds of boards are told of it
HEARTBEAT_SECONDS = 5.0  # a watcher that hears nothing for longer knows that it is blind
_CATCH_UP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class BoardView:
    """One board as it is configured now; `id` 0 = the standard one. `revision` grows with each change of it."""

    id: int
    name: str
    settings: BoardSettings
    revision: int

    @property
    def scope(self) -> BoardScope:
        queues, teams = self.settings.queues, self.settings.teams
        return BoardScope(
            queues=frozenset(queues) if queues else None,
            teams=frozenset(teams) if teams else None,
        )


@dataclass(slots=True)
class _Shown:
    """A board that somebody watches, with its last message."""

    view: BoardView
    watchers: int = 0
    message: str = ""
    count: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)


class BoardHub:
    """A watcher gets the present board and then every change; a slow one misses steps, never the end."""

    def __init__(self, db: Database, telephony: Telephony, site: Site, others: OtherWorkers | None = None) -> None:
        self._db, self._telephony, self._site = db, telephony, site
        self._others = others or OtherWorkers()
        self._others.hear("board", lambda board, _: self._look_again(int(board)))
        self._others.hear("workforce", lambda *_: self._read_anew())
        self._looking: set[asyncio.Task[None]] = set()
        self._board: Board | None = None
        self._day: asyncio.Timeout | None = None  # of the board that is followed now
        self._edited = False  # since that board began to be read
        self._changed = asyncio.Event()
        self._figures = SharedFigures(db, site, self._changed.set, telephony.floor, self._others)
        self._shown: dict[int, _Shown] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the feed until the block ends."""
        jobs = {"board-feed": self._follow, "board-push": self._publish, "board-figures": self._figures.run}
        tasks = [asyncio.create_task(run(), name=name) for name, run in jobs.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def view(self, board_id: int) -> BoardView:
        """Raises NotFound."""
        if board_id == STANDARD_ID:
            return BoardView(STANDARD_ID, "", STANDARD, 0)
        async with self._db.begin() as session:
            row = await actions.board(session, board_id)
            return BoardView(row.id, row.name, read_settings(row.settings), row.revision)

    def snapshot(self, view: BoardView) -> BoardSnapshot | None:
        """The board now; None until the first one is read."""
        if self._board is None:
            return None
        board, floor = self._board.snapshot(clock.instant(clock.now()), view.scope), self._telephony.floor()
        if floor.connected or board.stale_since is not None:
            return board
        return replace(board, connected=False, stale_since=floor.at)  # no record says that telephony itself is away

    def present(self, view: BoardView) -> str:
        """The message of this moment, for the first page: JSON of agent_desktop.board.wire."""
        board, beside = self.snapshot(view), self._figures.beside
        if board is None:
            return "null"
        kinds = view.settings.kinds
        return board_message(board, beside, board.at, revision=view.revision, kinds=kinds).decode()

    async def saved(self, board_id: int) -> None:
        """Somebody changed or removed the board: those who watch it are told at once, in all workers."""
        self._others.tell("board", str(board_id))
        await self._changed_board(board_id)

    def forget(self) -> None:
        """Queues or people were edited: their names and limits are read anew, in all workers."""
        self._others.tell("workforce")
        self._read_anew()

    def _read_anew(self) -> None:
        self._edited = True
        if self._day is not None and not self._day.expired():  # two who save at once cut it short once
            self._day.reschedule(asyncio.get_running_loop().time())

    def _look_again(self, board_id: int) -> None:
        task = asyncio.create_task(self._changed_board(board_id))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _changed_board(self, board_id: int) -> None:
        shown = self._shown.get(board_id)
        if shown is None:
            return
        try:
            shown.view = await self.view(board_id)
        except NotFound:
            shown.view = BoardView(board_id, "", STANDARD, -1)  # the page asks again, and is told that it is gone
        self._changed.set()

    @asynccontextmanager
    async def watching(self, board_id: int) -> AsyncIterator[AsyncIterator[str]]:
        """Its messages, the present one first. Raises NotFound."""
        view = await self.view(board_id)
        shown = self._shown.setdefault(board_id, _Shown(view))
        shown.watchers += 1
        try:
            yield self._messages(shown)
        finally:
            shown.watchers -= 1
            if not shown.watchers:
                self._shown.pop(board_id, None)

    async def _messages(self, shown: _Shown) -> AsyncIterator[str]:
        heard = shown.count
        yield self.present(shown.view)
        while True:
            while shown.count == heard:
                await shown.told.wait()
            heard = shown.count
            yield shown.message

    async def _follow(self) -> None:
        while True:
            try:
                async with self._telephony.follow() as feed:
                    await self._follow_one_day(feed)
                self._changed.set()  # it may have ended because telephony is away
            except (SQLAlchemyError, OSError, RowsKeptChanging) as away:
                log.warning("board_not_read", error=str(away))
                await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _follow_one_day(self, feed: FeedSubscription) -> None:
        """Until midnight of the site, an edit of the queues, or a gap in the feed: then a fresh board is read."""
        self._edited = False
        board = await self._fresh_board(at_least=self._telephony.floor().number)
        self._board = board
        self._figures.forget()
        self._changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, board.day_end - clock.instant(clock.now()))) as day:
                self._day = day
                try:
                    if not self._edited:
                        await self._apply(feed, board)
                finally:
                    self._day = None  # from here on it cannot be cut short

    async def _apply(self, feed: FeedSubscription, board: Board) -> None:
        """Until the feed closes or leaves a number out."""
        async for record in feed:
            if record.number > board.number + 1:
                log.warning("board_missed_records", after=board.number, got=record.number)
                return
            if board.apply(record):
                self._figures.hear(record.event)
                self._changed.set()

    async def _fresh_board(self, at_least: int) -> Board:
        """From the database, once the history has written what the feed told before we began to listen."""
        zone = self._site.zone
        while not await self._is_written(at_least):  # noqa: ASYNC110 - the history tells nobody of another process
            await asyncio.sleep(_CATCH_UP_SECONDS)
        day = clock.now().astimezone(zone).date()
        async with self._db.begin() as session:
            facts = await board_start(session, day, zone)
        floor = self._telephony.floor()
        away = frozenset(desk.agent for desk in floor.agents if not desk.reachable)
        stale = None if floor.connected else floor.at
        return Board(facts, away, stale, seconds_of_day=lambda at: clock.seconds_of_day(clock.from_instant(at), zone))

    async def _is_written(self, number: int) -> bool:
        """A small question: while the history catches up, each worker asks it again and again."""
        async with self._db.begin() as session:
            return await stored_position(session) >= number

    async def _publish(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._changed.wait()
            await asyncio.sleep(DESKS_FIRST_SECONDS)
            self._changed.clear()
            for shown in list(self._shown.values()):
                shown.message, shown.count = self.present(shown.view), shown.count + 1
                told, shown.told = shown.told, asyncio.Event()
                told.set()
            await asyncio.sleep(PUSH_SECONDS)
