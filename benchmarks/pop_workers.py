"""The screen pop with its pages in one process and in four web workers over Redis, in turn, while the house is full:
100 agents take calls of another queue, and 200 people watch the wallboard (see benchmarks/pop.py for what is measured).
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from sqlalchemy import func, select

from benchmarks.bare_site import CALLERS, PHONES, free_port, sipp
from benchmarks.board_watchers import watchers
from benchmarks.offer import percentile, render_scenario
from benchmarks.own_redis import own_redis, redis_server
from benchmarks.own_site import platform, settings_in
from benchmarks.pop import AGENT, desk, known_numbers, one_pop, prepare
from crm_core import clock
from crm_core.access.model import User
from crm_core.access.passwords import hashed_now
from crm_core.db import Database, make_engine
from crm_core.history.model import Leg
from crm_core.lines.number_actions import save_number
from crm_core.workforce.actions import add_queue
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow
from hotline.settings import Settings

WORKERS = 4
CROWD, CROWD_NUMBER = "crowd", "4009990000"
PASSWORD = secrets.token_urlsafe(12)
FULL_SHARE = 0.7  # of the talks that are expected at once; the others are between two talks


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    agents: int
    watchers: int
    calls_per_second: float
    talk_ms: int
    pops: int
    rounds: int


SHORT = Size(agents=12, watchers=40, calls_per_second=1, talk_ms=8000, pops=10, rounds=1)
FULL = Size(agents=100, watchers=200, calls_per_second=8, talk_ms=8000, pops=40, rounds=2)


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    command = redis_server(Settings().cache_dir.resolve())
    found: dict[int, list[tuple[float, float, float]]] = {0: [], WORKERS: []}
    for number in range(size.rounds):
        for workers in sorted(found, reverse=bool(number % 2)):
            with TemporaryDirectory(prefix="hotline-pop-") as folder, own_redis(command, Path(folder)) as redis:
                more = {"HOTLINE_REDIS_URL": redis, "HOTLINE_WEB_WORKERS": str(workers)} if workers else {}
                found[workers] += asyncio.run(_measure(size, Path(folder), more))
    return _result(size, found)


def _result(size: Size, found: dict[int, list[tuple[float, float, float]]]) -> dict[str, Any]:
    figures: dict[str, float] = {}
    for word, moments in (("one", found[0]), ("workers", found[WORKERS])):
        delays = [painted - invite for invite, painted, _ in moments]
        figures[f"{word}_p50_ms"] = statistics.median(delays)
        figures[f"{word}_p95_ms"] = percentile(delays, 95)
        figures[f"{word}_painted_before_ring_percent"] = (
            100 * sum(painted <= tone for _, painted, tone in moments) / len(moments)
        )
    return {
        "name": "pop-workers",
        "figures": figures,
        "ratios": {name: figures[f"workers_{name}"] / figures[f"one_{name}"] for name in ("p50_ms", "p95_ms")},
        "runs": len(found[0]),
        "conditions": (
            f"one process against {WORKERS} web workers over Redis, in turn; demo data, headless Chromium, meanwhile "
            f"{size.agents} SIP agents with {size.calls_per_second} calls/s and {size.watchers} watchers of the board, "
            "all on this machine"
        ),
    }


async def _measure(size: Size, folder: Path, more: dict[str, str]) -> list[tuple[float, float, float]]:
    """The page's three moments of each pop, in milliseconds."""
    settings = settings_in(folder)
    logins = await asyncio.to_thread(prepare, settings, (0, 0))
    phone_port = free_port(socket.SOCK_DGRAM, PHONES)
    agents = [str(6000 + index) for index in range(1, size.agents + 1)]
    await _furnish(settings, agents, phone_port)
    numbers = await known_numbers(settings, size.pops)
    phones = render_scenario("phones", folder, talk_ms=size.talk_ms)
    with sipp(folder, "-sf", phones, "-i", PHONES, "-p", str(phone_port)):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(platform(settings, more))
            cookie = await _sign_in(settings, "3001", logins["3001"])
            for agent in agents:
                await _sign_in(settings, agent, PASSWORD)
            page = await stack.enter_async_context(desk(settings, logins[AGENT]))
            address = settings.web_address.removeprefix("http://")
            await stack.enter_async_context(watchers(folder, address, cookie, size.watchers))
            async with _callers(size, settings, folder):
                return [await one_pop(settings, page, number) for number in numbers]


async def _furnish(settings: Settings, agents: list[str], phone_port: int) -> None:
    """A queue with a number and agents of its own, so that the desk that is looked at gets no call of the crowd."""
    database, at = Database(make_engine(settings.database)), clock.now()
    password = hashed_now(PASSWORD)
    try:
        async with database.begin() as session:
            queue = QueueRow(
                id=CROWD, name_zh=CROWD, name_en=CROWD, skill=CROWD, position=99, ring_seconds=20, wrap_up_seconds=1
            )
            await add_queue(session, queue, actor="measurement", at=at)
            for number, way in ((CROWD_NUMBER, {"queue": CROWD}), (settings.hotline_numbers[0], {"menu": "main"})):
                await save_number(session, number, way, base=None, actor="measurement", at=at)
            users = [User(number=agent, name=agent, roles="agent", password_hash=password) for agent in agents]
            session.add_all(users)
            await session.flush()
            for user in users:
                session.add(AgentRow(user_id=user.id, phone_contact=f"sip:{user.number}@{PHONES}:{phone_port}"))
                await session.flush()
                session.add(AgentSkill(user_id=user.id, skill=CROWD, level=5))
    finally:
        await database.close()


async def _sign_in(settings: Settings, number: str, password: str) -> str:
    """Ready for calls where the number is an agent's; gives the session's cookie.

    Each comes from an address of their own: the site counts how many come from one.
    """
    here = httpx2.AsyncHTTPTransport(local_address=f"127.0.1.{int(number) % 200 + 1}")
    async with httpx2.AsyncClient(base_url=settings.web_address, transport=here, timeout=60) as web:
        form = {"number": number, "password": password, "after": "ready"}
        answer = await web.post("/login", data=form)
        if answer.status_code != 303:
            raise RuntimeError(f"{number} cannot sign in: {answer.status_code}")
        return str(web.cookies["hl_session"])


@asynccontextmanager
async def _callers(size: Size, settings: Settings, folder: Path) -> AsyncIterator[None]:
    """Calls at a steady rate until the pops are done; goes on when the house is about as full as it will be."""
    own = folder / "callers"
    own.mkdir()
    port = str(free_port(socket.SOCK_DGRAM, CALLERS))
    rate = ("-r", str(size.calls_per_second), "-l", str(size.agents), "-m", "1000000")
    where = f"{settings.host}:{settings.sip_port}"
    words = ("-sf", render_scenario("callers", own), "-s", CROWD_NUMBER, *rate, "-i", CALLERS, "-p", port, where)
    wanted = FULL_SHARE * min(size.agents, size.calls_per_second * size.talk_ms / 1000)
    with sipp(own, *words) as calling:
        async with asyncio.timeout(60):
            while await _talking(settings) < wanted:
                if calling.poll() is not None:
                    raise RuntimeError("the crowd's callers ended")
                await asyncio.sleep(0.2)
        yield


async def _talking(settings: Settings) -> int:
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            open_talks = select(func.count()).where(Leg.answered_at.is_not(None), Leg.ended_at.is_(None))
            return int(await session.scalar(open_talks) or 0)
    finally:
        await database.close()
