"""What starts after the telephone side: the keeping of recordings, work at its time, the demo day, the pages."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI

from agent_desktop.app import create_app
from crm_core import clock
from crm_core.db import Database
from crm_core.jobs.runner import JobRunner
from crm_core.knowledge.spelling import learn_spelling
from cti.bridge import Bridge
from hotline.background import tell_of_failure
from hotline.demo.stage import play
from hotline.leaving_queues import LeavingQueues
from hotline.long_work import LongWork
from hotline.message_offers import MessageOffers
from hotline.quiet_memory import quiet_memory
from hotline.recordings_vault import site_vault
from hotline.report_room import ReportProcess
from hotline.settings import Settings
from hotline.talk_texts import talk_texts
from hotline.timed_work import handlers, put_recurring, tellers
from hotline.transcribing import transcriber
from hotline.web_config import web_config
from recording.comment_texts import CommentTexts
from recording.message_texts import MessageTexts
from recording.nightly_check import NightlyCheck
from recording.shelving import Shelving
from recording.storage import RecordingKeeper
from recording.vault import Vault
from reports.queue_log_file import QueueLogFile


async def serve(settings: Settings, database: Database, bridge: Bridge) -> None:
    """Until SIGTERM or SIGINT."""
    keeper = RecordingKeeper(database, settings.recordings_dir)
    vault = site_vault(settings, database)
    ears = transcriber(settings.cache_dir)
    work = {
        "recordings": keeper.run(bridge.feed.follow),
        "shelving": Shelving(database, vault).run(),
        "recording_check": NightlyCheck(database, vault, ZoneInfo(settings.site_zone)).run(),
        "leaving_queues": LeavingQueues(database, bridge.desk).run(bridge.feed.follow),
        "message_offers": MessageOffers(database, bridge.desk.floor, bridge.feed.publish).run(bridge.feed.follow),
        "message_texts": MessageTexts(database, vault, ears).run(),
        "comment_texts": CommentTexts(database, vault, ears).run(),
        "talk_texts": talk_texts(settings, database, vault, bridge.desk.floor).run(),
    }
    if settings.queue_log is not None:
        work["queue_log"] = QueueLogFile(settings.queue_log.resolve()).run(bridge.feed.follow, bridge.feed.since)
    work["jobs"] = _timed_work(settings, database, vault)
    work["spelling"] = asyncio.to_thread(learn_spelling)
    reports = ReportProcess(settings.run_dir.resolve() / "reports")
    work["reports"] = reports.run()
    work["long_work"] = LongWork(settings, database).run()
    if settings.demo and settings.demo_calls:
        work["demo"] = _demo(settings, database, bridge)
    tasks = [asyncio.create_task(job, name=name) for name, job in work.items()]
    for task in tasks:
        task.add_done_callback(tell_of_failure)
    config_of_web = web_config(settings, vault=vault, never_heard=bridge.never_heard, report_room=reports)
    app = create_app(database, bridge.desk, config_of_web)
    quiet_memory()
    try:
        await uvicorn.Server(server_config(settings, app)).serve()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def server_config(settings: Settings, app: FastAPI) -> uvicorn.Config:
    """Who asks is who connects; only our own door and the proxies that the operator named may say otherwise."""
    believed = [*settings.trusted_proxies, *([settings.host] if settings.is_open else [])]
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.web_port,
        log_level="warning",
        access_log=False,
        log_config=None,
        proxy_headers=bool(believed),
        forwarded_allow_ips=believed,
    )


async def _timed_work(settings: Settings, database: Database, vault: Vault) -> None:
    await put_recurring(database, clock.now())
    kinds = (handlers(settings, database, vault), tellers(settings, database))
    await asyncio.gather(*(JobRunner(database, kind).run() for kind in kinds))


async def _demo(settings: Settings, database: Database, bridge: Bridge) -> None:
    await bridge.ready.wait()
    await play(settings, database, bridge.desk)
