"""Keeps Asterisk up: when it ends by itself it is started again at once, as the database says by then."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError

from agent_desktop.words import N_
from asterisk_conf.install import AsteriskUnavailable
from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AsteriskSite
from hotline.restart_pause import STEADY_SECONDS, restart_pause
from hotline.terminal import say

LOOK_EVERY = 0.1  # seconds; Asterisk that we adopted is not our child and tells us nothing


class AsteriskKeeper:
    """`site` reads what Asterisk is rendered from: agents may have been edited since the first start. `ended` is told
    when it has gone, before it is started again.
    """

    def __init__(
        self,
        asterisk: AsteriskProcess,
        site: Callable[[], Awaitable[AsteriskSite]],
        stop: asyncio.Event,
        ended: Callable[[AsteriskSite], None],
    ) -> None:
        self._asterisk, self._site, self._stop, self._ended = asterisk, site, stop, ended

    async def run(self) -> None:
        """Until `stop` is set. Calls of before are lost; the platform closes them, phones register again."""
        early_deaths, began = 0, time.monotonic()
        while await self._until_gone():
            early_deaths = 0 if time.monotonic() - began > STEADY_SECONDS else early_deaths + 1
            say(N_("Asterisk has ended; starting it again."))
            await asyncio.to_thread(self._ended, self._asterisk.site)
            if await self._stopped_within(restart_pause(early_deaths)):
                return
            began = time.monotonic()
            await self._start()

    async def _until_gone(self) -> bool:
        """False when we are asked to stop before."""
        while self._asterisk.pid is not None:
            if await self._stopped_within(LOOK_EVERY):
                return False
        return not self._stop.is_set()

    async def _start(self) -> None:
        try:
            with contextlib.suppress(DBAPIError):  # then as it was
                self._asterisk.site = await self._site()
            await asyncio.to_thread(self._asterisk.start)
        except AsteriskUnavailable as refused:
            say(refused.message_id, **refused.values)

    async def _stopped_within(self, seconds: float) -> bool:
        return await stopped_within(self._stop, seconds)


async def stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
