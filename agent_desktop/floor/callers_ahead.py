"""Reads who calls while the caller still hears the menu, so that the pop waits for no database."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.desk.model import Caller, read_caller
from crm_core import clock
from crm_core.db import Database
from crm_core.history.events import CallerIdentified, ContactEnded, HistoryEvent

log = structlog.get_logger(__name__)

MOST_CALLS = 2000  # a feed that lost the ends of calls must not fill the memory


class CallersAhead:
    """What it gives may be minutes old: show it at once, then read again."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._read: dict[str, Caller] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, event: HistoryEvent) -> None:
        match event:
            case CallerIdentified(call=call, matches=matches):
                task = asyncio.get_running_loop().create_task(self._prepare(call, matches))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case ContactEnded(call=call):
                self._read.pop(call, None)

    def get(self, call: str) -> Caller | None:
        return self._read.get(call)

    async def settled(self) -> None:
        """Until every reading under way has ended."""
        await asyncio.gather(*self._tasks)

    async def _prepare(self, call: str, matches: tuple[int, ...]) -> None:
        try:
            async with self._db.begin() as session:
                caller = await read_caller(session, matches, now=clock.now())
        except (SQLAlchemyError, OSError) as away:
            log.warning("caller_not_read", call=call, error=str(away))
            return
        while len(self._read) >= MOST_CALLS:
            del self._read[next(iter(self._read))]
        self._read[call] = caller
