"""Work of minutes is done by a process of its own: it does what is due, and is gone with the platform."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.imports.actions import check, receive, register
from crm_core.imports.model import DataImport
from crm_core.jobs.actions import schedule
from crm_core.jobs.model import Job
from crm_core.migrate import upgrade
from hotline.long_work import LongWork
from hotline.settings import Settings

LIST = "客户姓名,手机\n" + "".join(f"客户{n},1384310{n:04d}\n" for n in range(40))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "empty.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    shutil.copy(template, tmp_path / "hotline.db")
    monkeypatch.setenv("HOTLINE_RUN_DIR", str(tmp_path))  # the other process reads it, too
    return Settings(run_dir=tmp_path)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database(make_engine(settings.database))
    yield database
    await database.close()


async def a_list_to_check(db: Database, settings: Settings) -> int:
    async def content() -> AsyncIterator[bytes]:
        yield LIST.encode()

    file, found = await receive(settings.imports_folder, "customers", content())
    async with db.begin() as session:
        row = await register(session, "customers", "list.csv", file, found, actor="9001", at=now())
        await check(session, row.id, columns=row.columns, policy="fill", system="dms", actor="9001", at=now())
        return row.id


async def test_a_list_is_checked_by_the_other_process_which_then_ends(db: Database, settings: Settings):
    import_id = await a_list_to_check(db, settings)
    assert await LongWork(settings, db, quiet_seconds=0.1).look() == 0
    async with db.begin() as session:
        row = await session.get_one(DataImport, import_id)
    assert (row.state, row.counts) == ("checked", {"created": 40})


async def test_what_a_killed_process_had_taken_is_done_at_once_by_the_next(db: Database, settings: Settings):
    import_id = await a_list_to_check(db, settings)
    async with db.begin() as session:
        (await session.scalars(select(Job))).one().taken_until = now() + timedelta(minutes=1)
    assert await LongWork(settings, db, quiet_seconds=0.1).look() == 0
    async with db.begin() as session:
        assert (await session.get_one(DataImport, import_id)).state == "checked"


async def test_nothing_due_starts_no_process(db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    async def never(*args: object, **more: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", never)
    async with db.begin() as session:
        await schedule(session, "import_step", "1", now() + timedelta(hours=1))
        await schedule(session, "reminder", "1", now())
    assert await LongWork(settings, db).look() == 0


async def test_the_other_process_ends_with_the_platform(db: Database, settings: Settings):
    async with db.begin() as session:
        await schedule(session, "import_step", "1", now())
    running = asyncio.create_task(LongWork(settings, db, quiet_seconds=600).run())
    async with asyncio.timeout(20):
        other = await asyncio.to_thread(wait_for_worker)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert long_worker() is None, f"process {other} works for nobody"


def wait_for_worker() -> int:
    while (found := long_worker()) is None:
        time.sleep(0.01)
    return found


def long_worker() -> int | None:
    """The child of this process that does long work."""
    for path in Path("/proc/self/task").glob("*/children"):
        for word in path.read_text().split():
            if b"hotline.long_work" in Path(f"/proc/{word}/cmdline").read_bytes():
                return int(word)
    return None
