"""Work of minutes (imports, comparing everybody) is done by a process of its own, which lives while there is any.

So the process that routes calls never waits for it. It has no lower priority: on SQLite it holds the one write lock
while it works, and who is kept from the processor keeps everybody from the lock.
`python -m hotline.long_work SECONDS` does what is due and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from crm_core import clock
from crm_core.campaigns.filling import filling_handlers
from crm_core.customers.identity_jobs import LONG_IDENTITY_JOBS
from crm_core.db import Database, make_engine
from crm_core.dealers.spoken_names import STATION_PROMPTS
from crm_core.imports.apart import end_with_parent
from crm_core.imports.work import import_handlers
from crm_core.jobs.model import Job
from crm_core.jobs.runner import Handler, JobRunner
from crm_core.ledger.actions import CHECK
from hotline.ledger_check import checker
from hotline.log_lines import log_plainly
from hotline.self_service import station_speaker
from hotline.settings import Settings

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0  # seconds
QUIET_SECONDS = 5.0  # a person who checked a file takes it over within seconds: then nobody waits for a start
STEP_SECONDS = 60  # one batch takes less than one; the rest is for a database that is busy
REST_AFTER_FAILURE = 10.0


def long_handlers(settings: Settings, database: Database) -> Mapping[str, Handler]:
    """By the kind of the job."""
    return {
        **import_handlers(settings.imports_folder, ZoneInfo(settings.site_zone)),
        **filling_handlers(settings.imports_folder, ZoneInfo(settings.site_zone)),
        **LONG_IDENTITY_JOBS,
        STATION_PROMPTS: station_speaker(settings.prompts_dir),
        CHECK: checker(settings, database),
    }


class LongWork:
    """In the platform's process: starts the other one when something is due, and ends it when the platform ends."""

    def __init__(self, settings: Settings, database: Database, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._kinds, self._database, self._quiet = tuple(long_handlers(settings, database)), database, quiet_seconds

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        while True:
            rest = LOOK_EVERY
            try:
                if await self.look():
                    rest = REST_AFTER_FAILURE
            except (SQLAlchemyError, OSError):
                log.exception("long_work_failed")
                rest = REST_AFTER_FAILURE
            await asyncio.sleep(rest)

    async def look(self) -> int:
        """Let what is due be done, and wait for it; gives the other process's exit status, 0 when nothing was due."""
        return await self._work_off() if await self._due() else 0

    async def _due(self) -> bool:
        waiting = (Job.kind.in_(self._kinds), Job.given_up.is_(False), Job.due_at <= clock.now())
        async with self._database.begin() as session:
            return bool(await session.scalar(select(func.count()).where(*waiting)))

    async def _work_off(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__, str(self._quiet)), env=dict(os.environ), stdin=asyncio.subprocess.DEVNULL
        )
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()  # each batch is one transaction: nothing is lost or done twice
                await process.wait()


async def work_off(settings: Settings, quiet_seconds: float) -> None:
    """Do everything that is due, until nothing is for so many seconds."""
    log_plainly(settings.log_format)
    database = Database(make_engine(settings.database))
    runner = JobRunner(database, long_handlers(settings, database), taken_for=timedelta(seconds=STEP_SECONDS))
    try:
        # We are the only process for these kinds here: what one before us had taken when it was killed is ours now.
        await runner.take_over()
        await runner.until_idle(quiet_seconds)
    finally:
        await database.close()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(work_off(Settings(), float(sys.argv[1])))
