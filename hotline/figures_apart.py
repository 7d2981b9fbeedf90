"""Counting everything anew takes minutes on a large site: done by a process of its own, so that no call waits.

`python -m hotline.figures_apart` counts what is missing and ends; broken off, the next one goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm_core.db import Database, make_engine
from crm_core.history.model import AgentStint, QueueVisit
from crm_core.imports.apart import end_with_parent
from hotline.settings import Settings
from reports.rollups import build, is_built


async def build_apart(database: Database, zone: ZoneInfo) -> None:
    """Return when the stored figures can be believed. Raises OSError when the other process failed."""
    if await is_built(database, zone):
        return
    async with database.begin() as session:
        history = [await session.scalar(select(table.id).limit(1)) for table in (QueueVisit, AgentStint)]
    if history == [None, None]:
        await build(database, zone)
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__), env=dict(os.environ), stdin=asyncio.subprocess.DEVNULL
    )
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # each day is one transaction
            await process.wait()
    if status:
        raise OSError(f"figures could not be counted anew, exit status {status}")


async def _build(settings: Settings) -> None:
    database = Database(make_engine(settings.database))
    try:
        await build(database, ZoneInfo(settings.site_zone))
    finally:
        await database.close()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(_build(Settings()))
