"""Tells the dialplan that the platform lives, so that nobody waits for one that does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from cti.ami import AsteriskLink
from cti.errors import AsteriskRefused, AsteriskUnreachable

log = structlog.get_logger(__name__)

ALIVE_EVERY = 4.0  # seconds; well within asterisk_conf.site.AsteriskSite.alive_seconds
STOOD_STILL = 3.0  # seconds
VARIABLE = "HL_ALIVE"


async def show_life(link: AsteriskLink, is_at_work: Callable[[], bool]) -> None:
    """Change the global variable again and again while `is_at_work`; runs until cancelled.

    A task of the platform's own loop: when that hangs, the sign stays away too. A loop that stood still finds callers
    whom the dialplan has given to the plain queue: it connects anew, which takes them back.
    """
    while True:
        if is_at_work():
            await show_life_once(link)
        before = time.monotonic()
        await asyncio.sleep(ALIVE_EVERY)
        if (stood := time.monotonic() - before - ALIVE_EVERY) > STOOD_STILL:
            log.error("platform_stood_still", seconds=round(stood, 1))
            link.reconnect()


async def show_life_once(link: AsteriskLink) -> None:
    """Only that the value changes is looked at, so no two clocks need agree."""
    try:
        await link.send({"Action": "Setvar", "Variable": VARIABLE, "Value": f"{time.time():.3f}"})
    except (AsteriskRefused, AsteriskUnreachable):
        return  # the link's own watch tells of it
