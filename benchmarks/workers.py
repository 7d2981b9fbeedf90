"""The wallboard with its pages in one process and in four web workers over Redis, in turn; every message is compared
with a recount of the journal (see benchmarks/board.py)."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import board
from benchmarks.own_redis import own_redis, redis_server
from hotline.settings import Settings

WORKERS = 4
SHORT_ROUNDS, FULL_ROUNDS = 1, 3
SHORT = board.Size(agents=12, calls_per_second=2, seconds=15, talk_ms=3000)
FULL = board.Size(agents=100, calls_per_second=10, seconds=60, talk_ms=8000)
_FIGURES = ("p95_ms", "heard_p95_ms", "wrong_samples", "watchers")


def run(full: bool) -> dict[str, Any]:
    size, rounds = (FULL, FULL_ROUNDS) if full else (SHORT, SHORT_ROUNDS)
    command = redis_server(Settings().cache_dir.resolve())
    found: dict[int, list[dict[str, Any]]] = {0: [], WORKERS: []}
    for number in range(rounds):
        for workers in sorted(found, reverse=bool(number % 2)):
            with _redis(command, workers) as url:
                seen = asyncio.run(board.measure(size, workers=workers, redis_url=url))
            found[workers].append(board.result(size, seen)["figures"])
    one, many = ({name: _middle(found[workers], name) for name in _FIGURES} for workers in (0, WORKERS))
    return {
        "name": "workers",
        "figures": {f"one_{name}": value for name, value in one.items()}
        | {f"workers_{name}": value for name, value in many.items()},
        "ratios": {name: many[name] / one[name] for name in ("p95_ms", "heard_p95_ms")},
        "runs": rounds,
        "conditions": (
            f"one process against {WORKERS} web workers over Redis, in turn; {size.agents} SIP agents, "
            f"{size.calls_per_second} calls/s for {size.seconds} s, {board.WATCHERS} watchers, all on this machine"
        ),
    }


def _middle(figures: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(one[name] for one in figures))


@contextmanager
def _redis(command: tuple[str, ...], workers: int) -> Iterator[str]:
    with ExitStack() as stack:
        if not workers:
            yield ""
            return
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="hotline-redis-")))
        yield stack.enter_context(own_redis(command, folder))
