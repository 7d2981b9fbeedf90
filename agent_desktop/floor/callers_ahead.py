"""Reads who calls while the caller still hears the menu, so that the pop waits for no database."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.desk.menu_acts import sentences
from agent_desktop.desk.model import Caller, read_caller
from crm_core import clock
from crm_core.db import Database
from crm_core.history.events import CallerIdentified, CallQueued, ContactEnded, HistoryEvent
from crm_core.self_service.acts import acts_of

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
                self._begin(self._prepare(call, matches))
            case CallQueued(call=call):
                self._begin(self._add_acts(call))
            case ContactEnded(call=call):
                self._read.pop(call, None)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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

    async def _add_acts(self, call: str) -> None:
        """The menu is over: what was done in it is part of the first picture, so that nothing moves after it."""
        try:
            async with self._db.begin() as session:
                acts = sentences(await acts_of(session, call))
        except (SQLAlchemyError, OSError) as away:
            log.warning("acts_not_read", call=call, error=str(away))
            return
        caller = self._read.get(call)
        if caller is not None and acts:
            self._read[call] = replace(caller, acts=acts)
