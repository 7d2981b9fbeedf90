"""The desk phones of simulated agents: one sipp per phone at the fixed address that Asterisk knows."""

from __future__ import annotations

from asyncio.subprocess import Process
from pathlib import Path

from hotline.demo.sipp import start_sipp


class DeskPhone:
    """A phone at `host:port` that answers each call after `ring_ms` and talks until the caller hangs up."""

    def __init__(self, host: str, port: int, speech: Path, ring_ms: int, folder: Path) -> None:
        self._host, self._port, self._speech, self._ring_ms = host, port, speech, ring_ms
        self._folder = folder
        self._process: Process | None = None

    async def plug_in(self) -> None:
        self._process = await start_sipp(
            *("phone", self._folder, self._host, self._port), "-aa", speech=self._speech, ring_ms=self._ring_ms
        )

    async def unplug(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
