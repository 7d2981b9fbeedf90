"""The platform's side of the process that counts reports: starts it, asks it, ends what takes too long, starts anew.

It is started when the first report is asked, or a while after the start, when nobody waits for the processor.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import structlog

from agent_desktop.reports.apart import Answer, Question, ReportsAway, ReportTakesTooLong
from hotline.report_line import exchange, note_counter

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "hotline.report_process")
LONGEST_SECONDS = 60.0  # the longest report of ten million contacts takes a tenth of it
WARM_UP_SECONDS = 20.0
START_SECONDS = 60.0
FIRST_REST, LONGEST_REST = 0.2, 10.0
LONGEST_PATH = 100  # bytes: a socket's name has room for 107


@dataclass(frozen=True, slots=True)
class _Life:
    """One process from its start to its end, with the connections to it."""

    process: Process
    line: httpx2.AsyncHTTPTransport

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()  # it only reads; what an export noted is one transaction with its end


class ReportProcess:
    """A ReportRoom; does nothing until `run` runs. `folder` is its own, nobody else may open it."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str] = COMMAND,
        *,
        longest: float = LONGEST_SECONDS,
        warm_up: float = WARM_UP_SECONDS,
        start: float = START_SECONDS,
    ) -> None:
        self._folder, self._command = folder, tuple(command)
        self._longest, self._warm_up, self._start = longest, warm_up, start
        self._wanted, self._up = asyncio.Event(), asyncio.Event()
        self._life: _Life | None = None

    async def run(self) -> None:
        """Until cancelled."""
        socket = await asyncio.to_thread(_socket, self._folder)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._warm_up):
                await self._wanted.wait()
        rest = FIRST_REST
        while True:
            try:
                async with self._living(socket) as life:
                    status = await life.process.wait()
                    rest = FIRST_REST
                    log.warning("report_process_ended", status=status)
            except (OSError, TimeoutError) as failed:
                late = f"it did not begin within {self._start:.0f} s"
                log.exception("report_process_not_started", reason=str(failed) or late)
                rest = min(2 * rest, LONGEST_REST)
            await asyncio.sleep(rest)

    @contextlib.asynccontextmanager
    async def _living(self, socket: str) -> AsyncIterator[_Life]:
        """A process that answers. Raises OSError or TimeoutError when it does not begin to."""
        process = await asyncio.create_subprocess_exec(
            *self._command, socket, env=dict(os.environ), stdin=DEVNULL, stdout=PIPE
        )
        note_counter(self._folder, socket, process.pid)
        life = _Life(process, httpx2.AsyncHTTPTransport(uds=socket, trust_env=False))
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            async with asyncio.timeout(self._start):
                if not await process.stdout.readline():
                    raise OSError("the process that counts reports ended at its start")
            self._life = life
            self._up.set()
            yield life
        finally:
            self._up.clear()
            if process.returncode is None:
                life.end()
            await process.wait()
            await life.line.aclose()

    async def answer(self, question: Question) -> Answer:
        """Asked once more when the process ends meanwhile, perhaps by another's question. See ReportRoom."""
        self._wanted.set()
        with contextlib.suppress(httpx2.TransportError):
            return await self._asked(await self._one_that_lives(), question)
        with contextlib.suppress(httpx2.TransportError):
            return await self._asked(await self._one_that_lives(), question)
        raise ReportsAway

    async def _one_that_lives(self) -> _Life:
        try:
            async with asyncio.timeout(self._start):
                await self._up.wait()
        except TimeoutError:
            raise ReportsAway from None
        assert self._life is not None  # noqa: S101 - it is set before `_up`
        return self._life

    async def _asked(self, life: _Life, question: Question) -> Answer:
        try:
            async with asyncio.timeout(self._longest):
                return await exchange(life.line, question)
        except TimeoutError:
            self._give_up(life)
            raise ReportTakesTooLong(self._longest) from None
        except httpx2.TransportError:
            self._give_up(life)
            raise

    def _give_up(self, life: _Life) -> None:
        """A thread that counts cannot be stopped: the process is. Nobody asks it again, also if it ended by itself."""
        if life is self._life:
            self._up.clear()
            if life.process.returncode is None:
                life.end()


def _socket(folder: Path) -> str:
    """In the folder, or where a name that is short enough can be had."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / "socket"
    if len(os.fsencode(path)) > LONGEST_PATH:
        path = Path(tempfile.mkdtemp(prefix="hotline-reports-")) / "socket"
    return str(path)
