"""A process of ours beside its supervisor: its words go to a log, and it is ended in order."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from pathlib import Path


async def start(module: str, *words: str, log: Path, environment: Mapping[str, str]) -> Process:
    """`python -m MODULE WORDS` with this Python."""
    with log.open("ab") as said:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *words),
            env=environment,
            stdin=DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends it in order
        )


async def died_or(stop: asyncio.Event, process: Process) -> None:
    """Returns when it has ended by itself, or when `stop` is set."""
    died, stopped = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({died, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        died.cancel()
        stopped.cancel()


async def end(process: Process | None, seconds: float) -> None:
    """Ask it to end, and kill it when it has not after so long."""
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        process.kill()
        await process.wait()
