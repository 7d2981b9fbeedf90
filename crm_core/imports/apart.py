"""Reading a large file in a process of its own: calls and pages do not wait for it, and its memory goes with it.

`python -m crm_core.imports.apart SOURCE TARGET KIND` prints what was found, or why the file is unusable, as JSON.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import orjson

from crm_core.imports.files import Converted, convert
from crm_core.imports.unusable import Unusable

APART_FROM = 1024 * 1024  # bytes; a smaller file is read sooner than a process starts
MOST_MEMORY = 1024 * 1024 * 1024  # text needs 35 MB whatever its size, a spreadsheet 2.4 MB for 1,000 rows of 17 cells
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
_REFUSED = 3


async def converted(source: Path, target: Path, kind: str) -> Converted:
    """As files.convert, without standing in anybody's way. Raises Unusable."""
    size = (await asyncio.to_thread(source.stat)).st_size
    if size < APART_FROM:
        return await asyncio.to_thread(convert, source, target, kind)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(source), str(target), kind),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        told, _ = await process.communicate()
    finally:
        if process.returncode is None:  # the upload was given up
            process.kill()
            await process.wait()
    if process.returncode == _REFUSED:
        refused = orjson.loads(told)
        raise Unusable(refused["message_id"], **refused["values"])
    if process.returncode != 0:
        raise Unusable("This file could not be read to its end. Save it anew, in parts or as CSV.")
    return Converted(**orjson.loads(told))


def end_with_parent() -> None:
    """Nobody is left who works for a process that died."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(source: Path, target: Path, kind: str) -> int:
    """Gives the process's exit status."""
    end_with_parent()
    os.nice(10)  # everything else goes first: nobody waits for a lock that this process holds
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    try:
        answer, status = asdict(convert(source, target, kind)), 0
    except Unusable as refused:
        answer, status = {"message_id": refused.message_id, "values": refused.values}, _REFUSED
    sys.stdout.buffer.write(orjson.dumps(answer))
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
