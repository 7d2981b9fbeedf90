"""Work that goes on behind the pages must not end unseen."""

from __future__ import annotations

import asyncio

import structlog

log = structlog.get_logger(__name__)


def tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("background_work_failed", work=task.get_name(), exc_info=task.exception())
