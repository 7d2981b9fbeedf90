"""The demo's list of an autumn show, brought in as an administrator does it: checked, taken over, some rows refused."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from random import Random
from typing import Any

from crm_core.db import Database, make_engine
from crm_core.demo import names
from crm_core.demo.lead_wording import MODELS_WISHED, TOUCHPOINTS, WISHES
from crm_core.demo.places import PLACES
from crm_core.imports import actions
from crm_core.imports.work import import_handlers
from crm_core.jobs.runner import JobRunner

ADMINISTRATOR = "9001"
NAME = "秋季车展登记.csv"
CONSENT = "秋季车展登记表第 2 栏，客户勾选并签字"
ROWS = 48
_HEADER = "姓名,手机,城市,意向车型,购车意向,预计购车日期,试驾,来源,触点,登记时间,同意联系"
_BROKEN = {11: (1, "1380000"), 23: (5, "2026-02-30"), 37: (3, ""), 41: (9, "车展当天")}
"""What people wrote in a hurry: row -> column and what stands there."""


def bring_in(url: str, now: datetime, zone: tzinfo) -> None:
    """Blocks for about a second. A loop may run already where it is called: this one has a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_bring_in(url, now, zone))).result()


def list_of_the_show(now: datetime, zone: tzinfo) -> str:
    """Prospects whom nobody knew, by dice that are always the same; one in eight did not agree to be called."""
    random = Random("yuanchen autumn show")
    point = next((point[0] for point in TOUCHPOINTS if point[1] == "event"), "")
    lines = [_HEADER]
    for number in range(1, ROWS + 1):
        surname, _ = names.person(random)
        place = random.choice(PLACES)
        at = (now - timedelta(days=6, minutes=7 * number)).astimezone(zone)
        wish = WISHES[random.choice(("hot", "mid", "long"))]
        cells = [
            surname,
            names.mobile(random).removeprefix("+86"),
            place.city,
            random.choice(MODELS_WISHED),
            random.choice(wish),
            (at + timedelta(days=random.randrange(10, 400))).date().isoformat(),
            random.choice("是否"),
            "车展",
            point,
            f"{at:%Y-%m-%d %H:%M}",
            "否" if number % 8 == 0 else "是",
        ]
        if number in _BROKEN:
            column, text = _BROKEN[number]
            cells[column] = text
            cells[4] = "" if column == 3 else cells[4]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


async def _bring_in(url: str, now: datetime, zone: tzinfo) -> None:
    database = Database(make_engine(url))
    try:
        with tempfile.TemporaryDirectory(prefix="hotline-demo-") as folder:
            await _take_over(database, Path(folder), now - timedelta(days=5), zone, list_of_the_show(now, zone))
    finally:
        await database.close()


async def _take_over(database: Database, folder: Path, at: datetime, zone: tzinfo, text: str) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield text.encode("gb18030")

    file, found = await actions.receive(folder, "leads", content())
    runner = JobRunner(database, import_handlers(folder, zone))
    async with database.begin() as session:
        row = await actions.register(session, "leads", NAME, file, found, actor=ADMINISTRATOR, at=at)
    async with database.begin() as session:
        wanted: dict[str, Any] = {"columns": row.columns, "policy": "fill", "system": "show", "consent": CONSENT}
        await actions.check(session, row.id, **wanted, actor=ADMINISTRATOR, at=at)
    await runner.run_due(at)
    async with database.begin() as session:
        await actions.run(session, row.id, actor=ADMINISTRATOR, at=at)
    await runner.run_due(at)
