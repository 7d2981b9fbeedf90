"""P6: events read from AMI per second, ours over panoramisk's own, on the same recorded calls at line rate.

Each side logs in, reads every event in order and looks at its name and its channel's id. Panoramisk runs as it
comes, with one callback for all events, which is its best case.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from panoramisk.manager import Manager

from benchmarks.ami_replay import sent
from cti.ami import AmiAccount, AmiLink, LinkDown, LinkUp
from cti.frames import Frame
from cti.translate import WANTED_EVENTS

ROUNDS = 5
QUIET_SECONDS = 20.0

Reader = Callable[[int, int], Awaitable[tuple[int, float]]]


@contextmanager
def replay(events: int) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.ami_replay", str(events)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101  # for the type checker: PIPE gives one
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


async def ours(port: int, expected: int) -> tuple[int, float]:
    """How many events came, and the processor time that they took."""
    done = asyncio.Event()
    seen = 0

    def take(item: Frame | LinkUp | LinkDown) -> None:
        nonlocal seen
        if isinstance(item, Frame):
            if item.event and item.get("Uniqueid") is not None:
                seen += 1
            if seen >= expected:
                done.set()
        elif isinstance(item, LinkDown):
            done.set()

    link = AmiLink(AmiAccount(host="127.0.0.1", port=port, username="bench", secret="bench"), take, lambda: 0)  # noqa: S106
    began = time.process_time()
    task = asyncio.create_task(link.run())
    async with asyncio.timeout(QUIET_SECONDS):
        await done.wait()
    used = time.process_time() - began
    link.stop()
    await task
    return seen, used


async def panoramisk(port: int, expected: int) -> tuple[int, float]:
    """The same with its own protocol, parser and dispatch."""
    done = asyncio.Event()
    seen = 0

    def take(_: Manager, message: Any) -> None:
        nonlocal seen
        if message.event and message.event != "FullyBooted" and message.uniqueid is not None:
            seen += 1
            if seen >= expected:
                done.set()

    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=port,
        username="bench",
        secret="bench",  # noqa: S106
    )
    manager.register_event("*", take)
    began = time.process_time()
    manager.connect()
    async with asyncio.timeout(QUIET_SECONDS):
        await done.wait()
    used = time.process_time() - began
    manager.close()
    manager.loop = None  # its reconnect would go on
    return seen, used


def run(full: bool = False) -> dict[str, Any]:
    """The JSON form of goals.md; `lost` counts both what did not come and what came twice."""
    events = 100_000 if full else 20_000
    wanted = sum(_is_wanted(event) for event in sent(events))
    speed: dict[str, list[float]] = {"ours": [], "panoramisk": []}
    lost = 0
    sides: dict[str, Reader] = {"ours": ours, "panoramisk": panoramisk}
    with replay(events) as port:
        for round_ in range(ROUNDS):
            for name in sorted(sides, reverse=bool(round_ % 2)):
                expected = wanted if name == "ours" else events
                seen, used = asyncio.run(_one(sides[name], port, expected))
                speed[name].append(events / used)
                lost += abs(expected - seen) if name == "ours" else 0
    mine, theirs = statistics.median(speed["ours"]), statistics.median(speed["panoramisk"])
    return {
        "name": "intake",
        "figures": {
            "events_per_s": mine,
            "lost": lost,
            "peer_events_per_s": theirs,
            "worst_events_per_s": min(speed["ours"]),
        },
        "ratios": {"over_panoramisk": mine / theirs},
        "runs": ROUNDS,
        "conditions": f"{events} recorded events in 64 kB pieces over loopback, per second of processor time",
    }


def _is_wanted(event: bytes) -> bool:
    return event.split(b"\r\n", 1)[0].removeprefix(b"Event: ").decode() in WANTED_EVENTS


async def _one(reader: Reader, port: int, events: int) -> tuple[int, float]:
    return await reader(port, events)
