"""Keeps the door's process up: when it ends by itself it is started again; it is told of a renewed certificate."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from hotline import run_folder
from hotline.packages import SetupRefused
from hotline.ports import require_free
from hotline.restart_pause import STEADY_SECONDS, restart_pause
from hotline.settings import Settings

MODULE = "hotline.door.process"
OPEN_SECONDS = 20.0
STOP_SECONDS = 5.0


class DoorKeeper:
    """Of an open site; `prepare` before anything is started, `run` beside the platform."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        self._settings, self._stop = settings, stop
        self._process: asyncio.subprocess.Process | None = None

    def prepare(self) -> None:
        require_free(self._settings.bind, self._settings.https_port, "HOTLINE_HTTPS_PORT")

    def renew(self) -> None:
        """Have the certificate's files read again now."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)

    async def run(self) -> None:
        """Until `stop` is set."""
        early_deaths = 0
        stopped = asyncio.create_task(self._stop.wait())
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                await self._start()
                ended = asyncio.create_task(self._started.wait())
                await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if self._stop.is_set():
                    return
                early_deaths = 0 if time.monotonic() - began > STEADY_SECONDS else early_deaths + 1
                print(f"The door has ended; opening it again (see {self.log}).", flush=True)
                await asyncio.wait({stopped}, timeout=restart_pause(early_deaths))
        finally:
            stopped.cancel()
            await self._end()

    async def opened(self) -> None:
        """Returns when the port answers. Raises SetupRefused when it does not."""
        host = "127.0.0.1" if self._settings.bind == "0.0.0.0" else self._settings.bind  # noqa: S104  told apart
        deadline = time.monotonic() + OPEN_SECONDS
        while time.monotonic() < deadline and not self._stop.is_set():
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, self._settings.https_port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise SetupRefused(f"The door did not open within {OPEN_SECONDS:.0f} s (see {self.log}).")

    async def _start(self) -> None:
        environment = os.environ | {"HOTLINE_BIND": self._settings.bind, "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE),
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the supervisor, which ends it in order
            )
        run_folder.note_platform(self._settings.run_dir, self._process.pid, "door")

    async def _end(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    @property
    def _started(self) -> asyncio.subprocess.Process:
        assert self._process is not None  # noqa: S101 - started by the caller
        return self._process

    @property
    def log(self) -> Path:
        return self._settings.run_dir.resolve() / "door.log"
