"""Keeps the door's process up: when it ends by itself it is started again; it is told of a renewed certificate."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from pathlib import Path

from agent_desktop.words import N_
from hotline import own_process, run_folder
from hotline.addresses import listened_on, reached_at
from hotline.packages import SetupRefused
from hotline.platform_process import environment_of
from hotline.ports import require_free
from hotline.restart_pause import STEADY_SECONDS, restart_pause
from hotline.settings import Settings
from hotline.terminal import say

MODULE = "hotline.door.process"
OPEN_SECONDS = 20.0
STOP_SECONDS = 5.0


class DoorKeeper:
    """Of an open site; `prepare` before anything is started, `run` beside the platform."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        self._settings, self._stop = settings, stop
        self._process: asyncio.subprocess.Process | None = None

    def prepare(self) -> None:
        for address in listened_on(self._settings.bind):
            require_free(address, self._settings.https_port, "HOTLINE_HTTPS_PORT")

    def renew(self) -> None:
        """Have the certificate's files read again now."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)

    async def run(self) -> None:
        """Until `stop` is set."""
        early_deaths = 0
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                await own_process.died_or(self._stop, await self._start())
                if self._stop.is_set():
                    return
                early_deaths = 0 if time.monotonic() - began > STEADY_SECONDS else early_deaths + 1
                say(N_("The door has ended; opening it again (see {log})."), log=self.log)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), restart_pause(early_deaths))
        finally:
            await own_process.end(self._process, STOP_SECONDS)

    async def opened(self) -> None:
        """Returns when the port answers. Raises SetupRefused when it does not."""
        host = reached_at(self._settings.bind)
        deadline = time.monotonic() + OPEN_SECONDS
        while time.monotonic() < deadline and not self._stop.is_set():
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, self._settings.https_port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise SetupRefused(
            "The door did not open within {seconds} s (see {log}).", seconds=f"{OPEN_SECONDS:.0f}", log=self.log
        )

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await own_process.start(MODULE, log=self.log, environment=environment_of(self._settings))
        run_folder.note_platform(self._settings.run_dir, self._process.pid, "door")
        return self._process

    @property
    def log(self) -> Path:
        return self._settings.run_dir.resolve() / "door.log"
