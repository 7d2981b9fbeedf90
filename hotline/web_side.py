"""What starts after the telephone side where all is one process: the work beside the calls, and the pages."""

from __future__ import annotations

import asyncio

import uvicorn

from agent_desktop.app import create_app
from crm_core.db import Database
from crm_core.knowledge.spelling import learn_spelling
from crm_core.server_watch import database_of_pages
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
    # The pages give up a server that hangs, the telephone's side waits for it; a file cannot hang.
    on_server = database.engine.dialect.name == "postgresql"
    of_pages = database_of_pages(settings.database) if on_server else database
    shelf = site_vault(settings, of_pages) if on_server else vault
    reports = ReportProcess(settings.run_dir.resolve() / "reports")
    works = {"spelling": asyncio.to_thread(learn_spelling), "reports": reports.run()}
    async with telephone_works(settings, database, bridge, vault):
        tasks = [asyncio.create_task(job, name=name) for name, job in works.items()]
        for task in tasks:
            task.add_done_callback(tell_of_failure)
        config_of_web = web_config(settings, vault=shelf, never_heard=bridge.never_heard, report_room=reports)
        app = create_app(of_pages, bridge.desk, config_of_web)
        quiet_memory()
        try:
            await uvicorn.Server(server_config(settings, app)).serve()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await of_pages.close()
