"""What starts after the telephone side where the pages are other processes: the work beside the calls."""

from __future__ import annotations

import asyncio
import signal

from crm_core.db import Database
from cti.bridge import Bridge
from hotline.background import tell_of_failure
from hotline.quiet_memory import quiet_memory
from hotline.recordings_vault import site_vault
from hotline.report_room import ReportProcess
from hotline.settings import Settings
from hotline.telephone_works import telephone_works


async def serve(settings: Settings, database: Database, bridge: Bridge) -> None:
    """Until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    vault = site_vault(settings, database)
    reports = asyncio.create_task(ReportProcess(settings.run_dir.resolve() / "reports").run(), name="reports")
    reports.add_done_callback(tell_of_failure)
    try:
        async with telephone_works(settings, database, bridge, vault):
            quiet_memory()
            await stop.wait()
    finally:
        reports.cancel()
        await asyncio.gather(reports, return_exceptions=True)
