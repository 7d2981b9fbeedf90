"""Queues that were removed while callers waited: they go when the last of these is served."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog

from crm_core import clock
from crm_core.db import Database
from crm_core.history.events import CallLeftQueue
from crm_core.workforce.queue_actions import remove_empty_queues
from cti.desk import Desk
from cti.feed import FeedReader

log = structlog.get_logger(__name__)


class LeavingQueues:
    """Looks after each caller who leaves a queue, and once at the start: nothing is polled."""

    def __init__(self, database: Database, desk: Desk) -> None:
        self._database, self._desk = database, desk

    async def run(self, follow: Callable[[], AbstractAsyncContextManager[FeedReader]]) -> None:
        async with follow() as feed:
            await self.remove_empty()
            async for record in feed:
                if isinstance(record.event, CallLeftQueue):
                    await self.remove_empty()

    async def remove_empty(self) -> None:
        """A place that is kept for a callback counts as somebody who waits."""
        floor = self._desk.floor()
        waiting: dict[str, int] = {}
        for queue in [*(one.queue for one in floor.waiting), *(one.queue for one in floor.callbacks)]:
            waiting[queue] = waiting.get(queue, 0) + 1
        try:
            async with self._database.begin() as session:
                gone = await remove_empty_queues(session, waiting, at=clock.now())
            if gone:
                log.info("queues_removed", queues=gone)
                await self._desk.workforce_changed()
        except Exception:
            log.exception("leaving_queues_not_removed")  # the next caller who leaves a queue is the next try
