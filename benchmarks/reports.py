"""A day and a month of the reports through the pages' own addresses, on sites of one and of ten million contacts.

`--full` is 10,000,000 contacts over five years on SQLite and PostgreSQL; the short run 100,000 beside 10,000.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, cast
from zoneinfo import ZoneInfo

from httpx2 import ASGITransport, AsyncClient

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.ports import Telephony
from agent_desktop.security import SESSION_COOKIE
from agent_desktop.site import Site
from benchmarks.offer import percentile
from benchmarks.own_postgres import own_postgres, server_programs
from benchmarks.report_history import LAST_DAY, build_history
from crm_core.access.actions import sign_in
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.demo.staff import PASSWORD
from hotline.quiet_memory import quiet_memory
from hotline.report_process import NoTelephone
from reports.intervals import agent_intervals, queue_intervals
from reports.periods import Period, Step
from reports.queries import queue_counts
from reports.rollups import build

FULL, SHORT = (10_000_000, 1826), (100_000, 92)  # contacts, days
ZONE = ZoneInfo("Asia/Shanghai")
SUPERVISOR = "2001"
ASKED, COMPARED = 60, 40
Size = tuple[int, int]
DAY_PAGES = ("/reports/queues?from={0}&to={0}&step=30&compare=week",)
MONTH_PAGES = ("/reports/queues?from={0}&to={1}&step=day&compare=before",)
AGENTS_OF_DAY = "/reports/agents?from={0}&to={0}"
HOURS_OF_MONTH = "/reports/queues?from={0}&to={1}&step=60"
AGENTS_OF_MONTH = "/reports/agents?from={0}&to={1}"


def run(full: bool) -> dict[str, Any]:
    contacts, days = size = FULL if full else SHORT
    with ExitStack() as stack:
        small = _measure(stack.enter_context(_sqlite((contacts // 10, days))), days)
        found = {"sqlite": _measure(stack.enter_context(_sqlite(size)), days)}
        programs = server_programs()
        if programs is not None:
            url = stack.enter_context(own_postgres(programs, "shared_buffers=512MB", "max_wal_size=8GB"))
            found["postgresql"] = _measure(_built(url, size), days)
    growth = max(found["sqlite"][key] / small[key] for key in ("day_p95_ms", "month_p95_ms"))
    figures = {key: max(one[key] for one in found.values()) for key in small}
    figures |= {f"{key}_{name}": value for name, one in found.items() for key, value in one.items()}
    return {
        "name": "reports",
        "figures": figures,
        "ratios": {"growth_1m_to_10m": growth},
        "runs": ASKED,
        "conditions": f"{contacts:,} contacts over {days} days, 100 agents, 6 queues, {' and '.join(found)}; "
        "the pages of queues (month also by hours) and of agents, the question of all agents, one after the other, in "
        "a process whose memory is as quiet as that of the process of reports; growth is from a tenth of them "
        "on SQLite",
    }


@contextmanager
def _sqlite(size: Size) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="hotline-reports-") as folder:
        yield _built(f"sqlite+aiosqlite:///{Path(folder) / 'site.db'}", size)


def _built(url: str, size: Size) -> str:
    began = perf_counter()
    build_history(url, *size)
    written = perf_counter()
    asyncio.run(_count(url))
    seconds = perf_counter()
    print(f"{size[0]:,} contacts in {written - began:.0f} s, counted in {seconds - written:.0f} s", file=sys.stderr)
    return url


async def _count(url: str) -> None:
    database = Database(make_engine(url))
    try:
        await build(database, ZONE)
    finally:
        await database.close()


def _measure(url: str, days: int) -> dict[str, float]:
    return asyncio.run(_measured(url, days))


async def _measured(url: str, known: int) -> dict[str, float]:
    database = Database(make_engine(url))
    try:
        async with _signed_in(database) as client:
            quiet_memory()
            days = [await _p95(client, page, _days(known), page) for page in DAY_PAGES]
            months = [await _p95(client, page, _months(known), page) for page in MONTH_PAGES]
            agents_day = await _p95(client, AGENTS_OF_DAY, _days(known), AGENTS_OF_DAY)
            hours = await _p95(client, HOURS_OF_MONTH, _months(known), HOURS_OF_MONTH)
            agents_month = await _p95(client, AGENTS_OF_MONTH, _months(known), AGENTS_OF_MONTH)
        days += [agents_day, await _agents_p95(database, _days(known), Step.HALF_HOUR)]
        months += [hours, agents_month, await _agents_p95(database, _months(known), Step.DAY)]
        wrong = await _wrong(database, known)
    finally:
        await database.close()
    return {
        "day_p95_ms": max(days),
        "month_p95_ms": max(months),
        "month_by_hours_p95_ms": hours,
        "agents_day_p95_ms": agents_day,
        "agents_month_p95_ms": agents_month,
        "wrong_samples": wrong,
    }


@asynccontextmanager
async def _signed_in(database: Database) -> AsyncIterator[AsyncClient]:
    with tempfile.TemporaryDirectory() as folder:
        places = {name: Path(folder) / name for name in ("files", "imports", "prompts", "own_prompts")}
        config = WebConfig(site=Site(name="远辰客户中心", zone=ZONE), phone_sockets=(), **places)  # type: ignore[arg-type]
        app = create_app(database, cast(Telephony, NoTelephone()), config)
        async with AsyncClient(transport=ASGITransport(app=app), base_url="http://reports.test") as client:
            async with database.begin() as session:
                entered = await sign_in(session, number=SUPERVISOR, password=PASSWORD, address="127.0.0.1", at=now())
            client.cookies.set(SESSION_COOKIE, entered.token)
            yield client


async def _p95(client: AsyncClient, page: str, periods: list[tuple[date, date]], name: str) -> float:
    """Milliseconds for the whole page; the first five warm up."""
    times = []
    for first, last in [*periods[:5], *periods]:
        began = perf_counter()
        answer = await client.get(page.format(first, last))
        times.append((perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{page}: {answer.status_code} {answer.text[:200]}")
    found = percentile(times[5:], 95)
    print(f"  {name}: {found:.0f} ms", file=sys.stderr)
    return found


async def _agents_p95(database: Database, periods: list[tuple[date, date]], step: Step) -> float:
    """Milliseconds to ask for a hundred agents, in a session of its own as a page has it."""
    times = []
    for first, last in [*periods[:5], *periods]:
        async with database.begin() as session:
            began = perf_counter()
            await agent_intervals(session, Period(first=first, last=last, step=step, zone=ZONE))
            times.append((perf_counter() - began) * 1000)
    found = percentile(times[5:], 95)
    print(f"  agents by {step}: {found:.0f} ms", file=sys.stderr)
    return found


def _days(known: int) -> list[tuple[date, date]]:
    dice = Random("days")
    return [(day, day) for day in (LAST_DAY - timedelta(days=dice.randrange(known)) for _ in range(ASKED))]


def _months(known: int) -> list[tuple[date, date]]:
    dice, months = Random("months"), []
    for _ in range(ASKED):
        first = (LAST_DAY - timedelta(days=31 + dice.randrange(known - 62))).replace(day=1)
        months.append((first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)))
    return months


async def _wrong(database: Database, known: int) -> float:
    """How many of some days, seen by quarters, differ from a count of their visits by the database itself."""
    wrong = 0
    for day, _ in _days(known)[:COMPARED]:
        period = Period(first=day, last=day, step=Step.QUARTER, zone=ZONE)
        async with database.begin() as session:
            for interval in (await queue_intervals(session, period))[8 * 4 : 22 * 4 : 5]:
                by_hand = await queue_counts(session, interval.span.start, interval.span.end)
                wrong += {queue: _rounded(one) for queue, one in by_hand.items()} != {
                    queue: _rounded(one) for queue, one in interval.queues.items()
                }
    return float(wrong)


def _rounded(counts: Any) -> list[float]:
    """The database adds waits as fractions, we add whole microseconds."""
    return [round(getattr(counts, name), 6) for name in counts.__dataclass_fields__]


if __name__ == "__main__":
    print(json.dumps(run("--full" in sys.argv)))
