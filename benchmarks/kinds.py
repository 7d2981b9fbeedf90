"""How long the further reports take for a month, at a million contacts of five years (issue: a month within 500 ms).

The rows are made in SQL by a fixed hash of their number: no two runs differ. Measured is the question to the database
with what is counted from its answer, not the page; beside the time on the clock the CPU's, for busy machines.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from reports.abandoned_queries import abandoned_calls
from reports.case_clock_queries import cases_of, steps_due
from reports.lead_flow_queries import leads_of
from reports.media_queries import calls_by_region, showrooms_by_region
from reports.periods import Period, Step
from reports.repeat_lists import repeat_callers
from reports.repeat_queries import repeats
from reports.transfer_queries import transfers
from reports.value_queries import groups, products

FULL, SHORT = 1_000_000, 100_000
NOW = datetime(2026, 7, 16, tzinfo=UTC)
DAYS, ASKED = 1826, 12
ZONE = ZoneInfo("Asia/Shanghai")
Question = Callable[[AsyncSession, Period], Awaitable[object]]


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    with tempfile.TemporaryDirectory(prefix="hotline-kinds-") as folder:
        path = Path(folder) / "site.db"
        upgrade(f"sqlite+aiosqlite:///{path}")
        _fill(path, size)
        figures = asyncio.run(_measured(f"sqlite+aiosqlite:///{path}"))
    return {
        "name": "kinds",
        "figures": {**figures, "worst_month_p95_ms": max(figures.values())},
        "ratios": {},
        "runs": ASKED,
        "conditions": f"{size:,} contacts of five years, SQLite, one question after the other",
    }


def _month(dice: random.Random) -> Period:
    """Any whole month of the five years but the first and the last."""
    back = dice.randrange(2, 58)
    year, month = divmod(2026 * 12 + 6 - back, 12)
    first = date(year, month + 1, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return Period(first=first, last=last, step=Step.DAY, zone=ZONE)


QUESTIONS: dict[str, Question] = {
    "abandoned": lambda session, month: abandoned_calls(session, month.start, month.end, now=NOW),
    "repeats": lambda session, month: repeats(session, month.start, month.end, now=NOW),
    "repeat_callers": lambda session, month: repeat_callers(session, month.start, month.end),
    "transfers": lambda session, month: transfers(session, month.start, month.end),
    "cases": lambda session, month: cases_of(session, month.start, month.end),
    "late_steps": lambda session, month: steps_due(session, month.start, month.end),
    "leads": lambda session, month: leads_of(session, month.start, month.end),
    "media_calls": lambda session, month: calls_by_region(session, month.first, month.last, ZONE),
    "media_showrooms": lambda session, month: showrooms_by_region(session, month.first, month.last),
    "value_groups": lambda session, month: groups(session, "class", month, today=NOW.date()),
    "value_products": products,
}


async def _measured(url: str) -> dict[str, float]:
    database, dice = Database(make_engine(url)), random.Random(7)
    figures = {}
    for name, ask in QUESTIONS.items():
        async with database.begin() as session:
            await ask(session, _month(dice))  # what is made once in a process is no part of it
        took, worked = [], []
        for _ in range(ASKED):
            month = _month(dice)
            async with database.begin() as session:
                began, cpu = perf_counter(), process_time()
                await ask(session, month)
                took.append((perf_counter() - began) * 1000)
                worked.append((process_time() - cpu) * 1000)
        figures[f"{name}_month_p95_ms"] = sorted(took)[int(ASKED * 0.95)]
        figures[f"{name}_month_cpu_p95_ms"] = sorted(worked)[int(ASKED * 0.95)]
    await database.close()
    return figures


SCRIPT = Path(__file__).with_name("kinds.sql")
AT = "strftime('%Y-%m-%d %H:%M:%f000', 1626307200 + n * {each} * 157766400 / {size} + n * 104729 % 3600, 'unixepoch')"
"""When row n was, in the order in which a site writes them: the rows of a table fill five years, within an hour."""
EACH = {"{at}": "1", "{case_at}": "100 / 15", "{lead_at}": "20"}
"""How many contacts there are for each row of a table."""
NUMBERS = """INSERT INTO n WITH RECURSIVE c(v) AS (VALUES(1) UNION ALL SELECT v + 1 FROM c WHERE v < :size)
SELECT v FROM c"""


def _fill(path: Path, size: int) -> None:
    """The numbers 1 to `size` once, and every table from them."""
    script = SCRIPT.read_text(encoding="utf-8")
    for name, each in EACH.items():
        script = script.replace(name, AT.replace("{each}", each))
    script = script.replace("{size}", str(size)).replace("{days}", str(DAYS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE n (n INTEGER PRIMARY KEY)")
        connection.execute(text(NUMBERS), {"size": size})
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
