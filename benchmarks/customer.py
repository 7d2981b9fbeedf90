"""One customer found and shown on a large site: view, search as you type, number, and the comparison of everybody.

`--full` measures 300,000 customers with 1,000,000 contacts on SQLite and on PostgreSQL; the short run a tenth.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.big_site import NOW, build
from benchmarks.offer import percentile
from benchmarks.own_postgres import own_postgres, server_programs
from crm_core.customers.duplicates import compare_range
from crm_core.customers.identity_model import CustomerDuplicate
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.customers.queries import matches
from crm_core.customers.search import search
from crm_core.customers.timeline import timeline_and_counts
from crm_core.customers.view import view
from crm_core.db import Database, make_engine
from crm_core.vehicles.model import Vehicle
from hotline.settings import Settings

FULL, SHORT, SMALL = (300_000, 1_000_000), (30_000, 100_000), (3_000, 10_000)
ASKED = 200
Question = Callable[[AsyncSession], Awaitable[object]]


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    with ExitStack() as stack:
        urls = {"sqlite": stack.enter_context(_sqlite(size))}
        programs = server_programs()
        if programs is not None:
            urls["postgresql"] = stack.enter_context(_postgres(programs, size))
        small = _measure(stack.enter_context(_sqlite((size[0] // 10, size[1] // 10))), compare=False)
        found = {name: _measure(url, compare=True) for name, url in urls.items()}
    figures = {f"{key}": max(one[key] for one in found.values()) for key in small}
    figures |= {f"{key}_{name}": value for name, one in found.items() for key, value in one.items()}
    return {
        "name": "customer",
        "figures": figures,
        "ratios": {"growth": max(found["sqlite"][key] / small[key] for key in small)},
        "runs": ASKED,
        "conditions": f"{size[0]:,} customers, {size[1]:,} contacts, {' and '.join(urls)}, one session after the other",
    }


@contextmanager
def _sqlite(size: tuple[int, int]) -> Iterator[str]:
    """Built once, kept in the cache; measured on a copy, for the comparison writes."""
    kept = Settings().cache_dir / f"big-site-{size[0]}-{size[1]}.db"
    with tempfile.TemporaryDirectory(prefix="hotline-site-") as folder:
        path = Path(folder) / "site.db"
        if not kept.exists():
            _build(f"sqlite+aiosqlite:///{path}", size)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, kept.with_suffix(".coming"))
            kept.with_suffix(".coming").rename(kept)
        else:
            shutil.copy(kept, path)
        yield f"sqlite+aiosqlite:///{path}"


@contextmanager
def _postgres(programs: Path, size: tuple[int, int]) -> Iterator[str]:
    with own_postgres(programs, "shared_buffers=256MB", "max_wal_size=4GB") as url:
        _build(url, size)
        yield url


def _build(url: str, size: tuple[int, int]) -> None:
    began = perf_counter()
    build(url, *size)
    print(f"built {size[0]:,} customers in {perf_counter() - began:.0f} s", file=sys.stderr)


def _measure(url: str, *, compare: bool) -> dict[str, float]:
    return asyncio.run(_measured(url, compare=compare))


async def _measured(url: str, *, compare: bool) -> dict[str, float]:
    database = Database(make_engine(url))
    try:
        async with database.begin() as session:
            ids, numbers, typed = await _samples(session)
        figures = {
            "view_p95_ms": await _p95(database, [_shown(customer_id) for customer_id in ids]),
            "search_p95_ms": await _p95(database, [_sought(text) for text in typed]),
            "number_p95_ms": await _p95(database, [_called(number) for number in numbers]),
        }
        if compare:
            figures |= await _compared(database)
        return figures
    finally:
        await database.close()


def _shown(customer_id: int) -> Question:
    async def ask(session: AsyncSession) -> None:
        await view(session, customer_id, now=NOW)
        await timeline_and_counts(session, customer_id)

    return ask


def _sought(text: str) -> Question:
    return lambda session: search(session, text)


def _called(number: str) -> Question:
    return lambda session: matches(session, number)


async def _samples(session: AsyncSession) -> tuple[list[int], list[str], list[str]]:
    """Customers, numbers, and what is typed: every beginning of names, pinyin, numbers, plates and VIN ends."""
    dice = random.Random(7)
    last = await session.scalar(select(func.max(Customer.id))) or 1
    ids = [dice.randint(1, last) for _ in range(ASKED - 20)] + list(range(1, 11)) + [100 * n for n in range(1, 11)]
    few = ids[:40]
    numbers = list(await session.scalars(select(CustomerPhone.e164).where(CustomerPhone.customer_id.in_(ids))))
    typed: set[str] = set()
    for name, pinyin in await session.execute(select(Customer.name, Customer.name_pinyin).where(Customer.id.in_(few))):
        for whole in (name, *pinyin.split(" ")):
            typed |= {whole[:end] for end in range(2, len(whole) + 1)}
    for vin, plate in await session.execute(select(Vehicle.vin, Vehicle.plate).where(Vehicle.id.in_(few))):
        typed |= {vin[-8:][:end] for end in range(4, 9)} | {plate[:end] for end in range(2, 9)} | {vin[-6:]}
    for number in numbers[:40]:
        typed |= {number.removeprefix("+86")[:end] for end in range(4, 12)} | {number[-4:]}
    return ids, numbers[:ASKED], sorted(typed)


async def _p95(database: Database, questions: list[Question]) -> float:
    """Milliseconds; each question in a session of its own, as a request has it. The first five warm up."""
    for question in questions[:5]:
        async with database.begin() as session:
            await question(session)
    times = []
    for question in questions:
        async with database.begin() as session:
            began = perf_counter()
            await question(session)
            times.append((perf_counter() - began) * 1000)
    return percentile(times, 95)


async def _compared(database: Database) -> dict[str, float]:
    """Suggestions for everybody, range by range as the job does it."""
    async with database.begin() as session:
        last = await session.scalar(select(func.max(Customer.id))) or 0
    began = perf_counter()
    for after in range(0, last, 2_000):
        async with database.begin() as session:
            await compare_range(session, after, min(after + 2_000, last), at=NOW)
    seconds = perf_counter() - began
    async with database.begin() as session:
        found = await session.scalar(select(func.count()).select_from(CustomerDuplicate)) or 0
    return {"compare_all_s": seconds, "suggestions": found}


if __name__ == "__main__":
    print(json.dumps(run("--full" in sys.argv)))
