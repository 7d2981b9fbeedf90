"""The process that counts reports: asked like the page, ended when it takes too long, started anew when it dies."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent_desktop.reports.apart import Question, ReportsAway, ReportTakesTooLong
from agent_desktop.reports.bulletin_jobs import BULLETIN_JOBS, WEEKLY
from agent_desktop.security import SESSION_COOKIE
from crm_core.access.actions import sign_in
from crm_core.bulletins.model import Bulletin
from crm_core.clock import now
from crm_core.jobs.actions import ensure
from crm_core.jobs.model import Job
from crm_core.saved_reports.actions import MAIL_JOB
from hotline.recordings_vault import site_vault
from hotline.report_jobs import report_jobs
from hotline.report_room import ReportProcess
from hotline.settings import Settings
from hotline.timed_work import handlers, tellers
from tests.browser import people
from tests.empty_databases import sqlite_database
from tests.unit.agent_desktop.report_day import SUPERVISOR, settle_day

STANDIN = """
import asyncio, os, sys

async def answer(reader, writer):
    path = (await reader.readuntil(b"\\r\\n\\r\\n")).split()[1]
    if path == b"/die":
        os._exit(3)
    if path == b"/slow":
        await asyncio.sleep(600)
    body = str(os.getpid()).encode()
    writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\nconnection: close\\r\\n\\r\\n%s" % (len(body), body))
    await writer.drain()
    writer.close()

async def main():
    server = await asyncio.start_unix_server(answer, sys.argv[1])
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@asynccontextmanager
async def room(folder: Path, *command: str, **limits: Any) -> AsyncIterator[ReportProcess]:
    found = ReportProcess(folder, command, **limits) if command else ReportProcess(folder, **limits)
    running = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
def standin(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "standin.py").write_text(STANDIN)
    return sys.executable, str(tmp_path / "standin.py")


async def asked(process: ReportProcess, address: str) -> str:
    return (await process.answer(Question(address=address, headers=()))).body.decode()


def alive(pid: str) -> bool:
    return Path("/proc", pid).exists()


async def test_it_is_started_by_the_first_question_and_gone_with_the_platform(tmp_path: Path, standin: tuple[str, ...]):
    async with room(tmp_path / "reports", *standin, warm_up=600) as process:
        first = await asked(process, "/")
        assert await asked(process, "/") == first
        assert alive(first)
        assert (tmp_path / "reports").stat().st_mode & 0o077 == 0  # nobody else may ask it
    assert not alive(first)


async def test_what_takes_too_long_is_ended_with_a_sentence_and_the_next_question_is_answered(
    tmp_path: Path, standin: tuple[str, ...]
):
    async with room(tmp_path / "reports", *standin, longest=0.5) as process:
        first = await asked(process, "/")
        with pytest.raises(ReportTakesTooLong):
            await asked(process, "/slow")
        assert await asked(process, "/") != first
        assert not alive(first)


async def test_a_question_survives_a_process_that_is_killed_under_it(tmp_path: Path, standin: tuple[str, ...]):
    async with room(tmp_path / "reports", *standin) as process:
        first = await asked(process, "/")
        os.kill(int(first), 9)
        assert await asked(process, "/") != first


async def test_a_question_that_kills_its_process_twice_is_refused_and_others_are_answered(
    tmp_path: Path, standin: tuple[str, ...]
):
    async with room(tmp_path / "reports", *standin) as process:
        await asked(process, "/")
        with pytest.raises(ReportsAway):
            await asked(process, "/die")
        assert await asked(process, "/")


async def test_a_process_that_cannot_be_started_is_a_sentence(tmp_path: Path):
    async with room(tmp_path / "reports", "/nowhere/at/all", start=0.5) as process:
        with pytest.raises(ReportsAway):
            await asked(process, "/")


async def test_a_long_folder_name_does_not_keep_it_from_being_asked(tmp_path: Path, standin: tuple[str, ...]):
    async with room(tmp_path / ("long" * 30) / "reports", *standin) as process:
        assert await asked(process, "/")


async def test_the_real_one_shows_a_supervisor_the_report_and_an_agent_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOTLINE_RUN_DIR", str(tmp_path))  # the other process reads it
    monkeypatch.delenv("HOTLINE_DATABASE_URL", raising=False)
    database = sqlite_database(tmp_path / "hotline.db")
    cookies = {}
    async with database.begin() as session:
        await people.settle(session)
        await settle_day(session)
    for number in (SUPERVISOR, people.AGENT):
        async with database.begin() as session:
            entered = await sign_in(session, number=number, password=people.PASSWORD, address="127.0.0.1", at=now())
        cookies[number] = f"{SESSION_COOKIE}={entered.token}".encode()
    await database.close()
    async with room(tmp_path / "reports") as process:
        question = "/reports/queues?from=2026-07-16&to=2026-07-16"
        shown = await process.answer(Question(address=question, headers=((b"cookie", cookies[SUPERVISOR]),)))
        assert (shown.status, "队列时段" in shown.body.decode()) == (200, True)
        refused = await process.answer(Question(address=question, headers=((b"cookie", cookies[people.AGENT]),)))
        assert refused.status == 403
        assert (await process.answer(Question(address=question, headers=()))).status == 303


async def test_the_weekly_draft_is_made_by_the_process_that_counts_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOTLINE_RUN_DIR", str(tmp_path))
    monkeypatch.delenv("HOTLINE_DATABASE_URL", raising=False)
    database = sqlite_database(tmp_path / "hotline.db")
    async with database.begin() as session:
        await people.settle(session)
        await settle_day(session)
        await ensure(session, WEEKLY, "site", now())
    async with room(tmp_path / "reports", warm_up=0.0):
        drafts: list[Bulletin] = []
        async with asyncio.timeout(60):
            while not drafts:
                await asyncio.sleep(0.1)
                async with database.begin() as session:
                    drafts = list(await session.scalars(select(Bulletin)))
        async with database.begin() as session:
            job = (await session.scalars(select(Job).where(Job.kind == WEEKLY))).one()
    await database.close()
    assert (drafts[0].kind, drafts[0].sent_at) == ("weekly", None)
    assert (job.failure, job.due_at > now()) == ("", True)


def test_no_report_is_made_by_the_platform_itself(tmp_path: Path):
    settings = Settings(run_dir=tmp_path, _env_file=None)  # type: ignore[call-arg]
    database = sqlite_database(tmp_path / "hotline.db")
    ours = set(handlers(settings, database, site_vault(settings, database))) | set(tellers(settings, database))
    assert not ours & set(report_jobs(settings, database))
    assert {*BULLETIN_JOBS, MAIL_JOB} <= set(report_jobs(settings, database))
