"""One process: the telephone side, the history, the recordings and the web, wired to each other.

Started by `hotline run`, which starts it again when it dies. Asterisk goes on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from zoneinfo import ZoneInfo

import structlog
import uvicorn
from fastapi import FastAPI

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.site import Site
from asterisk_conf.install import find_asterisk
from asterisk_conf.process import AsteriskProcess
from crm_core.db import Database, make_engine
from crm_core.history.journal import Journal
from crm_core.history.writer import HistoryWriter, stored_position
from cti.ami import AmiAccount
from cti.bridge import Bridge, BridgeConfig
from hotline.demo.stage import play
from hotline.directory import CustomerDirectory
from hotline.settings import Settings
from hotline.telephone_site import telephone_site
from hotline.workforce import DatabaseWorkforce
from ivr.flow_file import shipped_flow
from ivr.hours import shipped_hours
from ivr.runner import run_menu
from recording.storage import RecordingKeeper

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running(settings: Settings, database: Database, asterisk: AsteriskProcess) -> AsyncIterator[FastAPI]:
    """The telephone side is up, what happens is written and kept; gives the pages."""
    async with database.begin() as session:
        written = await stored_position(session)
    journal = Journal(settings.run_dir / "journal", after=written)
    bridge = _bridge(settings, database, asterisk, journal)
    await bridge.start()
    keeper = RecordingKeeper(database, settings.recordings_dir)
    work = {"history": HistoryWriter(database, journal).run(), "recordings": keeper.run(bridge.feed.follow)}
    if settings.demo and settings.demo_calls:
        work["demo"] = _demo(settings, database, bridge)
    tasks = [asyncio.create_task(job, name=name) for name, job in work.items()]
    for task in tasks:
        task.add_done_callback(_tell_of_failure)
    try:
        yield create_app(database, bridge.desk, _web(settings))
    finally:
        for task in reversed(tasks):  # the history last: it writes what the others still say
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await bridge.stop()


def _bridge(settings: Settings, database: Database, asterisk: AsteriskProcess, journal: Journal) -> Bridge:
    account = AmiAccount(
        host=settings.host, port=settings.ami_port, username=settings.ami_user, secret=settings.ami_secret
    )
    config = BridgeConfig(
        ami=account,
        agi_host=settings.host,
        agi_port=settings.agi_port,
        prompts=settings.prompts_dir,
        prompt_cache=settings.run_dir.resolve() / "prompts",
        memory_file=settings.run_dir.resolve() / "telephony.json",
        cel_file=asterisk.site.cel_file,
        realtime_database=asterisk.site.realtime_database,
        sip_domain=settings.host,
        websocket_url=f"{settings.phone_socket}/ws",
        visitors=settings.visitors,
    )
    return Bridge(
        config,
        journal=journal,
        workforce=DatabaseWorkforce(settings, database, asterisk),
        directory=CustomerDirectory(database, shipped_hours()),
        menu=partial(run_menu, shipped_flow()),
        command_line=lambda command: asyncio.to_thread(asterisk.rx, command),
    )


def _web(settings: Settings) -> WebConfig:
    site = Site(
        name=settings.site_name,
        zone=ZoneInfo(settings.site_zone),
        hotline_numbers=settings.hotline_numbers,
        demo=settings.demo,
    )
    return WebConfig(site=site, phone_sockets=(settings.phone_socket,), recordings=settings.recordings_dir)


async def _demo(settings: Settings, database: Database, bridge: Bridge) -> None:
    await bridge.ready.wait()
    await play(settings, database, bridge.desk)


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("background_work_failed", work=task.get_name(), exc_info=task.exception())


def log_plainly() -> None:
    """Lines without colours; a fault's traceback without the values of variables, which may be secrets."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


async def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    log_plainly()
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            site = await telephone_site(settings, session)
        asterisk = AsteriskProcess(site, await asyncio.to_thread(find_asterisk, settings.cache_dir))
        async with running(settings, database, asterisk) as app:
            config = uvicorn.Config(
                app, host=settings.host, port=settings.web_port, log_level="warning", access_log=False
            )
            await uvicorn.Server(config).serve()
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(serve(Settings()))
