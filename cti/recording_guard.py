"""Watches over the recordings: a volume that fills up stops new ones, and a talk without one is told within 5 s.

Nothing is deleted and no call is touched. The dialplan asks the global variable HL_DISK before each recording,
and HL_RECORD_MENUS whether the site wants the menu recorded, too.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from crm_core.history.events import RecordingsStopped
from cti import missed
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.runtime import Runtime

log = structlog.get_logger(__name__)

EVERY_SECONDS = 1.0
STOP_PERCENT, GO_ON_PERCENT = 95.0, 94.0
VARIABLE, MENUS = "HL_DISK", "HL_RECORD_MENUS"
GONE = 100.0


@dataclass(frozen=True, slots=True)
class Volume:
    """What is used of it, in per cent; GONE when it is not there."""

    used: float


def look_at(folder: Path) -> Volume:
    """As `df` counts: of what others than root may use. One that cannot be asked or has no folder is gone."""
    try:
        if not folder.is_dir():
            return Volume(GONE)
        told = os.statvfs(folder)
    except OSError:
        return Volume(GONE)
    used = told.f_blocks - told.f_bfree
    usable = used + told.f_bavail
    return Volume(100.0 * used / usable if usable else GONE)


def must_stop(used: float, *, stopped: bool) -> bool:
    """New recordings stop at 95 per cent and begin again below 94, so that they do not come and go."""
    return used >= (GO_ON_PERCENT if stopped else STOP_PERCENT)


class RecordingGuard:
    """`look` is asked in a thread: a volume that hangs must not stop the calls. `stopped` is None before the first."""

    def __init__(self, runtime: Runtime, folder: Path, look: Callable[[Path], Volume] = look_at) -> None:
        self._runtime, self._folder, self._look = runtime, folder, look
        self._board = runtime.switchboard
        self.used = 0.0
        self.stopped = False
        self._told: tuple[bool, bool, int] | None = None  # what Asterisk has heard on this link

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            began = time.monotonic()
            try:
                await self._once()
            except (AsteriskRefused, AsteriskUnreachable):
                self._told = None  # the link's own watch tells of it
            except OSError:
                log.exception("recordings_not_looked_after")
            await asyncio.sleep(max(0.0, EVERY_SECONDS - (time.monotonic() - began)))

    async def _once(self) -> None:
        if not self._runtime.connected:
            self._told = None
            return
        self.used = (await asyncio.to_thread(self._look, self._folder)).used
        self._set(must_stop(self.used, stopped=self.stopped))
        wanted = (self.stopped, self._board.book.capture.menus, self._runtime.link_ups)
        if self._told != wanted:
            await self._tell(VARIABLE, "full" if self.stopped else "")
            await self._tell(MENUS, "1" if self._board.book.capture.menus else "")
            self._told = wanted
        await self._talks()

    async def _tell(self, name: str, value: str) -> None:
        await self._runtime.link.send({"Action": "Setvar", "Variable": name, "Value": value})

    def _set(self, stopped: bool) -> None:
        if stopped is self.stopped:
            return
        self.stopped = stopped
        log.error("recordings_stopped" if stopped else "recordings_go_on", used_percent=round(self.used, 1))
        self._board.feed.publish(RecordingsStopped(at=time.time(), stopped=stopped, used=round(self.used, 1)))

    async def _talks(self) -> None:
        young: list[str] = []
        await self._runtime.order(lambda: young.extend(missed.look(self._board.book, time.time())))
        there = await asyncio.to_thread(lambda: {file: (self._folder / file).exists() for file in young})

        def work() -> None:
            missed.found(self._board.book, there, time.time())
            self._board.carry_out(self._board.book.take())

        await self._runtime.order(work)
