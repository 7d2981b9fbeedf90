"""Work that goes on behind the pages must not end unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog

log = structlog.get_logger(__name__)


def tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("background_work_failed", work=task.get_name(), exc_info=task.exception())


@asynccontextmanager
async def at_work(works: Mapping[str, Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Each as a task of this name until the block ends; one that fails is told and the others go on."""
    tasks = [asyncio.create_task(work, name=name) for name, work in works.items()]
    for task in tasks:
        task.add_done_callback(tell_of_failure)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
