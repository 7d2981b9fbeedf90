"""The stored figures keep up with the history by themselves, and are counted anew from the terminal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from crm_core.db import Database, make_engine
from crm_core.figures.model import FigureDue, QueueDay
from crm_core.history.model import Contact, QueueVisit
from crm_core.migrate import upgrade
from hotline.figures_apart import build_apart
from reports.rollups import keep_figures
from tests.command import app

SHANGHAI = ZoneInfo("Asia/Shanghai")
ENTERED = datetime(2026, 7, 16, 1, tzinfo=UTC)


async def put_visit(database: Database, contact: str, entered: datetime) -> None:
    async with database.begin() as session:
        session.add(Contact(id=contact, direction="inbound", started_at=entered))
        left = {"left_at": entered + timedelta(seconds=9), "wait_seconds": 9.0, "result": "answered"}
        session.add(QueueVisit(contact_id=contact, queue="repair", entered_at=entered, **left))


async def offered(database: Database) -> list[int]:
    async with database.begin() as session:
        return list(await session.scalars(select(QueueDay.offered).order_by(QueueDay.day)))


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite+aiosqlite:///{tmp_path / 'site.db'}"
    upgrade(address)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", address)
    monkeypatch.setenv("HOTLINE_SITE_ZONE", "Asia/Shanghai")
    return address


async def test_what_is_written_is_counted_after_it_was_woken(url: str) -> None:
    database = Database(make_engine(url))
    written, asleep, asleep_again = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wake() -> None:
        (asleep_again if asleep.is_set() else asleep).set()
        await written.wait()
        if asleep_again.is_set():
            await asyncio.Event().wait()

    async def build_missing() -> None:
        await build_apart(database, SHANGHAI)

    keeping = keep_figures(database, SHANGHAI, build_missing=build_missing, wake=wake, pace_seconds=0)
    counting = asyncio.create_task(keeping)
    async with asyncio.timeout(30):
        await asleep.wait()
        await put_visit(database, "c1", ENTERED)
        written.set()
        await asleep_again.wait()
    counting.cancel()
    assert await offered(database) == [1]
    async with database.begin() as session:
        assert await session.scalar(select(FigureDue.id)) is None
    await database.close()


def test_a_terminal_counts_days_anew(url: str) -> None:
    async def fill() -> None:
        database = Database(make_engine(url))
        await put_visit(database, "c1", ENTERED)
        await put_visit(database, "c2", ENTERED + timedelta(days=1))
        await database.close()

    asyncio.run(fill())
    told = CliRunner().invoke(app, ["figures", "rebuild"])
    assert (told.exit_code, told.output.strip()) == (0, "2 days counted.")
    told = CliRunner().invoke(app, ["figures", "rebuild", "--from", "2026-07-17", "--to", "2026-08-01"])
    assert (told.exit_code, told.output.strip()) == (0, "1 days counted.")
    told = CliRunner().invoke(app, ["figures", "rebuild", "--from", "2026-07-17", "--to", "2026-07-01"])
    assert told.exit_code == 2
