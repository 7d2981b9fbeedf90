"""A large list goes all its way through the running platform: upload, check, taking over with a kill, and once more.

`--full` sends 200 MB of UTF-8 to SQLite and 40 MB of GB18030 to PostgreSQL, rows of about a kilobyte; the short run 6
and 3 MB of plain rows. Meanwhile two people ask for pages; their answers are timed.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import func, select

from benchmarks.import_list import Told, write_csv
from benchmarks.import_site import SYSTEM, Administrator, Neighbours
from benchmarks.own_postgres import own_postgres, server_programs
from benchmarks.own_site import platform, settings_in
from benchmarks.process_use import Watch
from crm_core.clock import now
from crm_core.customers.identity_model import CustomerKey
from crm_core.customers.model import CustomerPhone
from crm_core.db import Database, make_engine
from crm_core.demo.load import load_demo
from crm_core.imports.model import DataImport
from crm_core.migrate import upgrade
from hotline.settings import Settings

MB = 1024 * 1024
FULL = {"sqlite": (200 * MB, "utf-8"), "postgresql": (40 * MB, "gb18030")}
WIDE = 250  # characters added to each remark
SHORT = {"sqlite": (6 * MB, "utf-8"), "postgresql": (3 * MB, "gb18030")}


def run(full: bool) -> dict[str, Any]:
    sizes = FULL if full else SHORT
    programs = server_programs()
    figures: dict[str, float] = {}
    for name, (size, encoding) in sizes.items():
        if name == "postgresql" and programs is None:
            continue
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="hotline-import-")))
            url = stack.enter_context(own_postgres(programs)) if name == "postgresql" and programs else ""
            found = asyncio.run(measure(folder, size, encoding, database_url=url, remark=WIDE if full else 0))
        figures |= {f"{key}_{name}": value for key, value in found.items()}
    return {
        "name": "import",
        "figures": figures,
        "ratios": {},
        "runs": 1,
        "conditions": ", ".join(f"{size // MB} MB of {encoding} on {name}" for name, (size, encoding) in sizes.items())
        + ", 1 % of the rows broken, two people ask for pages meanwhile, the platform killed once",
    }


async def measure(
    folder: Path, size: int, encoding: str, *, database_url: str = "", cache: Path | None = None, remark: int = 0
) -> dict[str, float]:
    """Everything about one list on one database. Raises RuntimeError when a row is lost or stands twice."""
    settings = settings_in(folder, database_url, cache)
    await asyncio.to_thread(_prepare, settings)
    told = await asyncio.to_thread(write_csv, folder / "list.csv", size, encoding=encoding, remark=remark)
    figures: dict[str, float] = {"rows": told.rows}
    async with platform(settings), Administrator(settings) as admin, Neighbours(settings) as others:
        with Watch(settings.run_dir) as watch:
            await _one_way(admin, watch, folder / "list.csv", told, figures)
            await _is_right(settings, told)
            figures |= await _again(admin, settings, folder / "list.csv", told)
            figures["progress_refused"] = len(admin.refused)
            figures |= {"platform_peak_mb": watch.platform_peak_mb, "work_peak_mb": watch.work_peak_mb}
        figures |= others.figures()
    return figures


def _prepare(settings: Settings) -> None:
    settings.run_dir.mkdir()
    upgrade(settings.database)
    load_demo(settings.database, now())


async def _one_way(admin: Administrator, watch: Watch, file: Path, told: Told, figures: dict[str, float]) -> None:
    began = perf_counter()
    place = await admin.upload(file)
    figures["upload_s"] = perf_counter() - began
    for act in ("check", "run"):
        used, began = watch.work_cpu_s, perf_counter()
        await admin.start(place, act)
        if act == "run":
            figures["resumed_after_s"] = await _killed(admin, watch, place)
        await admin.done(place)
        seconds = perf_counter() - began
        figures[f"{act}_rows_per_s"] = told.rows / seconds
        figures[f"{act}_rows_per_cpu_s"] = told.rows / max(0.01, watch.work_cpu_s - used)


async def _killed(admin: Administrator, watch: Watch, place: str) -> float:
    """Kill the platform when a third is done; gives after how many seconds a further batch was done."""
    seen = await admin.progress(place)
    while not seen or seen["done"] < seen["rows"] / 3:
        await asyncio.sleep(0.05)
        seen = await admin.progress(place) or seen
    watch.kill_platform()
    began = perf_counter()
    while True:
        await asyncio.sleep(0.05)
        later = await admin.progress(place)
        if later and (later["done"] > seen["done"] + 500 or not later["busy"]):
            return perf_counter() - began


async def _is_right(settings: Settings, told: Told) -> None:
    """Every usable row is one customer with one number and one key."""
    keys = select(func.count(), func.count(CustomerKey.customer_id.distinct())).where(CustomerKey.system == SYSTEM)
    mine = select(CustomerKey.customer_id).where(CustomerKey.system == SYSTEM)
    phones = select(func.count(), func.count(CustomerPhone.e164.distinct())).where(CustomerPhone.customer_id.in_(mine))
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            counts = [*(await session.execute(keys)).one(), *(await session.execute(phones)).one()]
    finally:
        await database.close()
    if counts != [told.kept] * 4:
        raise RuntimeError(f"{told.kept} usable rows made {counts} keys, customers, numbers, different numbers")


async def _again(admin: Administrator, settings: Settings, file: Path, told: Told) -> dict[str, float]:
    """The same list a second time; gives how many rows would change something."""
    began = perf_counter()
    place = await admin.upload(file)
    await admin.start(place, "check")
    await admin.done(place)
    seconds = perf_counter() - began
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            counts = (await session.get_one(DataImport, int(place.rpartition("/")[2]))).counts
    finally:
        await database.close()
    return {
        "again_rows_per_s": told.rows / seconds,
        "again_changed": counts.get("created", 0) + counts.get("updated", 0),
    }
