"""Many who ask for reports at the same time: `python -m benchmarks.beside_askers ADDRESS COOKIE COUNT SECONDS DAYS`.

Writes [[status, seconds], ...] as JSON when the time is over and the last answer is there.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import date, timedelta
from random import Random

import httpx2
import orjson

from benchmarks.report_history import LAST_DAY

PAGES = (
    "/reports/queues?from={day}&to={day}&step=30&compare=week",
    "/reports/queues?from={first}&to={last}&step=30",
    "/reports/queues?from={first}&to={last}&step=day&compare=before",
    "/reports/agents?from={first}&to={last}",
)


async def ask(address: str, cookie: str, count: int, seconds: float, days: int) -> list[tuple[int, float]]:
    told: list[tuple[int, float]] = []
    until = time.monotonic() + seconds

    async def one(dice: Random) -> None:
        while time.monotonic() < until:
            day = LAST_DAY - timedelta(days=dice.randrange(days))
            began = time.monotonic()
            answer = await client.get(_page(dice, day))
            told.append((answer.status_code, time.monotonic() - began))
            if answer.status_code != 200:
                await asyncio.sleep(1)  # as the sentence says: in a few seconds again

    limits = httpx2.Limits(max_connections=count)
    async with httpx2.AsyncClient(
        base_url=address, headers={"Cookie": cookie}, timeout=120, limits=limits, trust_env=False
    ) as client:
        await asyncio.gather(*(one(Random(f"asker-{n}")) for n in range(count)))
    return told


def _page(dice: Random, day: date) -> str:
    first = day.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return dice.choice(PAGES).format(day=day, first=first, last=last)


if __name__ == "__main__":
    where, who, many, long, known = sys.argv[1:]
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(ask(where, who, int(many), float(long), int(known)))))
