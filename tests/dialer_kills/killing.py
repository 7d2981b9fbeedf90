"""Kill a campaign's dialer again and again: `python -m tests.dialer_kills.killing FOLDER NUMBERS KILLS SEED [URL]`.

A process without threads, so that it may fork. Everything that must hold afterwards is read off the database and the
line's own log by tests.dialer_kills.judging.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from crm_core.campaigns.actions import save_campaign, start
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.campaigns.rules import FIRST_SETTINGS, state_of
from crm_core.clock import from_instant
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from crm_core.workforce.model import QueueRow
from tests.dialer_kills.days import FIRST, FastDays
from tests.dialer_kills.processes import ALL_AGENTS, World, dial, forget, forked, say_no

RETRIES = {"no_answer": [30, 3], "busy": [20, 3], "refused": [60, 1], "failed": [30, 2]}
LONGEST = 8.0  # seconds until a process that should kill itself is killed
STANDSTILL = 300.0  # seconds without any attempt, a night of the fast clock and more: something is wrong


async def settle(world: World, numbers: int) -> None:
    """So many customers who agreed, each due at once in a running campaign."""
    database = Database(make_engine(world.url))
    at = from_instant(FIRST.timestamp())
    async with database.begin() as session:
        session.add(QueueRow(id="care", name_zh="关怀", name_en="Care", skill="care"))
        await session.flush()
        for number in range(1, numbers + 1):
            session.add(Customer(id=number, name=f"客户{number}", created_at=at))
        await session.flush()
        for number in range(1, numbers + 1):
            session.add(CustomerPhone(customer_id=number, e164=f"+86138{number:08d}"))
            given = Consent(customer_id=number, purpose="survey", channel="phone", given=True, at=at, words="可以")
            session.add(given)
        settings = {**state_of(FIRST_SETTINGS), "retries": RETRIES, "lines_per_agent": 3, "most_lines": 40}
        typed = {"name": "回访", "mode": "progressive", "purpose": "survey", "queue": "care", "settings": settings}
        row = await save_campaign(session, None, typed, actor="1", at=at)
        session.add_all(
            CampaignEntry(campaign_id=row.id, customer_id=number, due_at=at, added_at=at)
            for number in range(1, numbers + 1)
        )
        await session.flush()
        await start(session, row.id, actor="1", at=at)
    await database.close()


async def finish(world: World) -> None:
    """Dial on until nobody waits any more, or nothing happens."""
    import asyncio

    database = Database(make_engine(world.url))
    task = asyncio.create_task(dial(world, agents=ALL_AGENTS))
    moved = time.monotonic()
    still = select(func.count()).where(CampaignEntry.state.in_(("waiting", "dialling")))
    left, made = 1, -1
    while left and time.monotonic() < moved + STANDSTILL and not task.done():
        await asyncio.sleep(1.0)
        async with database.begin() as session:
            left = await session.scalar(still) or 0
            now = await session.scalar(select(func.count(CampaignAttempt.call))) or 0
        moved, made = (time.monotonic() if now != made else moved), now
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.close()


def done(child: int) -> None:
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"a process ended with {status}")


def kill_once(world: World, chance: random.Random, numbers: int) -> None:
    way = chance.choice(("", "", "commit", "place"))
    child = forked(lambda: dial(world, way, chance))
    others = [chance.randint(1, numbers) for _ in range(chance.random() < 0.3)]
    refusing = [forked(lambda one=one: say_no(world, one)) for one in others]
    deadline = time.monotonic() + (LONGEST if way else chance.uniform(0.1, 1.0))
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            if not os.WIFSIGNALED(status):
                raise SystemExit("the dialer ended by itself")
            break
        time.sleep(0.02)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for one in refusing:
        done(one)
    time.sleep(chance.uniform(0.0, 0.3))
    if chance.random() < 0.1:
        done(forked(lambda: forget(world)))


def main(folder: str, numbers: str, kills: str, seed: str, url: str = "") -> None:
    world = World(url or f"sqlite+aiosqlite:///{folder}/hotline.db", Path(folder), FastDays(time.monotonic()))
    upgrade(world.url)
    done(forked(lambda: settle(world, int(numbers))))
    world = World(world.url, world.folder, FastDays(time.monotonic()))
    log, began = world.folder / "dialled", str(world.clock.began)
    line = subprocess.Popen([sys.executable, "-m", "tests.dialer_kills.line_end", str(world.socket), log, began, seed])
    chance = random.Random(seed)
    try:
        while not world.socket.exists():
            time.sleep(0.05)
        for number in range(int(kills)):
            kill_once(world, chance, int(numbers))
            if number % 50 == 49:
                print(f"{number + 1} kills", flush=True)
        done(forked(lambda: finish(world)))
    finally:
        line.kill()
        line.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
