"""Many who watch the wallboard by WebSocket, in a process of their own.

`python -m benchmarks.board_watchers URL COOKIE COUNT FILE`: prints "ready" when all have heard a board, and when its
input ends it writes FILE, one JSON line per message heard: [watcher, heard at, board].
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.client import connect

TOGETHER = 20  # connections opened at the same time


async def watch(url: str, cookie: str, count: int, file: Path) -> None:
    heard: list[tuple[int, float, bytes]] = []
    first = [asyncio.Event() for _ in range(count)]
    gate = asyncio.Semaphore(TOGETHER)

    async def one(watcher: int) -> None:
        async with gate:
            socket = await connect(url, additional_headers={"Cookie": cookie}, max_queue=None, open_timeout=60)
        async with socket:
            async for message in socket:
                at = time.time()
                heard.append((watcher, at, message.encode() if isinstance(message, str) else message))
                first[watcher].set()

    tasks = [asyncio.create_task(one(watcher)) for watcher in range(count)]
    await asyncio.gather(*(event.wait() for event in first))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    cut = sum(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    lines: list[Any] = [[watcher, at, orjson.loads(message)] for watcher, at, message in heard]
    await asyncio.to_thread(file.write_bytes, b"\n".join(orjson.dumps(line) for line in lines))
    print(f"cut {cut}", flush=True)


@asynccontextmanager
async def watchers(folder: Path, address: str, token: str, count: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """So many who look at the board and write what they heard into `folder`, when their input ends."""
    words = (f"ws://{address}/wallboard/live", f"hl_session={token}", str(count), str(folder / "heard.jsonl"))
    pipe = asyncio.subprocess.PIPE
    crowd = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.board_watchers"), *words, stdin=pipe, stdout=pipe
    )
    try:
        assert crowd.stdout is not None  # noqa: S101 - it is a pipe
        async with asyncio.timeout(60):
            await crowd.stdout.readline()
        yield crowd
    finally:
        if crowd.returncode is None:
            crowd.kill()
            await crowd.wait()


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])))
