"""A platform process as its supervisor sees it: started with the site's settings, noted by pid, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from agent_desktop.words import N_
from hotline import own_process, run_folder
from hotline.in_step import was_in_step
from hotline.restart_pause import STEADY_SECONDS, restart_pause
from hotline.settings import Settings
from hotline.shape import Shape
from hotline.terminal import say

STOP_SECONDS = 10


def environment_of(settings: Settings) -> dict[str, str]:
    """For a process of ours: what the command decided goes before what the operator's environment says."""
    environment = os.environ | {
        "HOTLINE_RUN_DIR": str(settings.run_dir.resolve()),
        "HOTLINE_BIND": settings.bind,
        "HOTLINE_DEMO": str(int(settings.demo)),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # callers wait for a restart, and compiling takes 2 s of it
    return environment


class PlatformProcess:
    """`place` is platform or standby: names of files, for which of the two leads is theirs to find out."""

    def __init__(self, settings: Settings, place: str = "platform", shape: Shape = Shape.ONE) -> None:
        self._settings, self._place, self._shape = settings, place, shape
        self._process: asyncio.subprocess.Process | None = None
        self._began = 0.0

    async def start(self) -> None:
        settings = self._settings
        environment = environment_of(settings) | {"HOTLINE_AMI_SECRET": settings.ami_secret}
        self._began = time.monotonic()
        self._process = await own_process.start(
            run_folder.PLATFORM, *self._shape.platform, log=self.log, environment=environment
        )
        run_folder.note_platform(settings.run_dir, self._process.pid, self._place)

    async def died(self) -> int:
        """Wait for it; gives its exit status."""
        assert self._process is not None  # noqa: S101 - started by the caller
        return await self._process.wait()

    def was_steady(self) -> bool:
        """What routed calls did not die of its start, however soon it was killed: callers wait for the next."""
        return time.monotonic() - self._began > STEADY_SECONDS or self.was_in_step()

    def was_in_step(self) -> bool:
        """Whether it has got as far as routing calls."""
        assert self._process is not None  # noqa: S101 - started by the caller
        return was_in_step(self._settings.run_dir, self._process.pid)

    async def end(self) -> None:
        await own_process.end(self._process, STOP_SECONDS)

    @property
    def log(self) -> Path:
        return self._settings.run_dir.resolve() / f"{self._place}.log"


async def keep(process: PlatformProcess, stop: asyncio.Event) -> None:
    """For the standby. Start it, and again whenever it dies, until `stop` is set; end it then."""
    early_deaths = 0
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            await process.start()
            died = asyncio.create_task(process.died())
            await asyncio.wait({died, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                return
            again = N_("The standby ended with status {status}; starting it again (see {log}).")
            say(again, status=died.result(), log=process.log)
            early_deaths = 0 if process.was_steady() else early_deaths + 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), restart_pause(early_deaths))
    finally:
        stopped.cancel()
        await process.end()
