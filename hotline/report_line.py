"""The line of a web worker to the process that counts reports, which the telephony process keeps: one for the site."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx2
import orjson

from agent_desktop.reports.apart import Answer, Question, ReportsAway, ReportTakesTooLong

LONGEST_SECONDS = 60.0
NOTE = "counter.json"
TRIES, AGAIN_SECONDS = 40, 0.5  # it starts 20 s after the telephony process, and anew after a report that took too long


def note_counter(folder: Path, socket: str, pid: int) -> None:
    """Where it answers, and whom to end when it counts too long."""
    fresh = folder / f"{NOTE}.new"
    fresh.write_bytes(orjson.dumps({"socket": socket, "pid": pid}))
    fresh.replace(folder / NOTE)


async def exchange(line: httpx2.AsyncHTTPTransport, question: Question) -> Answer:
    """As it is: nothing is added to the question, the answer stays compressed."""
    told = await line.handle_async_request(
        httpx2.Request("GET", f"http://reports{question.address}", headers=list(question.headers))
    )
    try:
        assert isinstance(told.stream, httpx2.AsyncByteStream)  # noqa: S101 - of an async transport
        body = b"".join([part async for part in told.stream])
    finally:
        await told.aclose()
    return Answer(status=told.status_code, headers=told.headers.raw, body=body)


class ReportLine:
    """A ReportRoom; `folder` is the one of the site's ReportProcess."""

    def __init__(self, folder: Path, *, longest: float = LONGEST_SECONDS) -> None:
        self._folder, self._longest = folder, longest

    async def answer(self, question: Question) -> Answer:
        """See ReportRoom. Asked once more when the process ended meanwhile, perhaps by another's question."""
        broken = 0
        for _ in range(TRIES):
            try:
                return await self._ask(question)
            except httpx2.ConnectError:
                await asyncio.sleep(AGAIN_SECONDS)
            except httpx2.TransportError:
                broken += 1
                if broken > 1:
                    break
        raise ReportsAway

    async def _ask(self, question: Question) -> Answer:
        try:
            counter = orjson.loads((self._folder / NOTE).read_bytes())
        except (OSError, ValueError):
            raise httpx2.ConnectError("there is none yet") from None
        async with httpx2.AsyncHTTPTransport(uds=str(counter["socket"]), trust_env=False) as line:
            try:
                async with asyncio.timeout(self._longest):
                    return await exchange(line, question)
            except TimeoutError:
                # A thread that counts cannot be stopped: the process is, and the telephony process starts another.
                with suppress(ProcessLookupError):
                    os.kill(int(counter["pid"]), signal.SIGKILL)
                raise ReportTakesTooLong(self._longest) from None
