"""A check of the whole audit chain, beside the pages: begun by a click, followed by its progress."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import structlog

from crm_core import clock
from crm_core.access.anchors import read_anchors
from crm_core.access.chain import ChainCheck, begin, go_on
from crm_core.db import Database

log = structlog.get_logger(__name__)


class ChainWatch:
    """Kept at `app.state.chain`. One check at a time; the last one's result stays."""

    def __init__(self, db: Database, anchors: Path) -> None:
        self._db, self._anchors = db, anchors
        self._task: asyncio.Task[None] | None = None
        self.check: ChainCheck | None = None
        self.began_at: datetime | None = None
        self.anchored = 0
        self.failed = False

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """A check that runs already goes on."""
        if not self.running:
            self.check, self.began_at, self.failed = ChainCheck(), clock.now(), False
            self._task = asyncio.create_task(self._run())

    async def finished(self) -> None:
        """Until the running check has ended."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        try:
            anchors = await asyncio.to_thread(read_anchors, self._anchors)
            self.anchored = len(anchors)
            async with self._db.begin() as session:
                check = await begin(session)
            while not check.done:
                async with self._db.begin() as session:  # short ones: calls write their entries meanwhile
                    check = await go_on(session, check, anchors)
                self.check = check
            self.check = check
        except Exception:
            self.failed = True
            log.exception("chain_check_failed")
