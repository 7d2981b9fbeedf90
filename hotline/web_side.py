"""What starts after the telephone side where all is one process: the work beside the calls, and the pages."""

from __future__ import annotations

import asyncio

import uvicorn

from agent_desktop.app import create_app
from crm_core.db import Database
from crm_core.knowledge.spelling import learn_spelling
from cti.bridge import Bridge
from hotline.background import tell_of_failure
from hotline.quiet_memory import quiet_memory
from hotline.recordings_vault import site_vault
from hotline.report_room import ReportProcess
from hotline.settings import Settings
from hotline.telephone_works import telephone_works
from hotline.web_config import server_config, web_config


async def serve(settings: Settings, database: Database, bridge: Bridge) -> None:
    """Until SIGTERM or SIGINT."""
    vault = site_vault(settings, database)
    reports = ReportProcess(settings.run_dir.resolve() / "reports")
    works = {"spelling": asyncio.to_thread(learn_spelling), "reports": reports.run()}
    async with telephone_works(settings, database, bridge, vault):
        tasks = [asyncio.create_task(job, name=name) for name, job in works.items()]
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
