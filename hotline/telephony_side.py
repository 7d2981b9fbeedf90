"""What starts after the telephone side where the pages are other processes: the work beside the calls, and the bus."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crm_core.db import Database
from cti.bridge import Bridge
from cti.wire.answerer import Answerer
from cti.wire.bus import Bus
from cti.wire.redis_bus import RedisBus
from cti.wire.teller import Teller
from hotline.background import tell_of_failure
from hotline.recordings_vault import site_vault
from hotline.report_room import ReportProcess
from hotline.settings import Settings
from hotline.telephone_works import telephone_works


async def serve(settings: Settings, database: Database, bridge: Bridge, *, epoch: int) -> None:
    """Until SIGTERM or SIGINT. `epoch`: see docs/meeting-points.md."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    bus = RedisBus(settings.redis_url)
    vault = site_vault(settings, database)
    reports = asyncio.create_task(ReportProcess(settings.run_dir.resolve() / "reports").run(), name="reports")
    reports.add_done_callback(tell_of_failure)
    try:
        async with telephone_works(settings, database, bridge, vault), pages_told(bus, bridge, epoch=epoch):
            await stop.wait()
    finally:
        reports.cancel()
        await asyncio.gather(reports, return_exceptions=True)
        await bus.close()


@asynccontextmanager
async def pages_told(bus: Bus, bridge: Bridge, *, epoch: int) -> AsyncIterator[None]:
    """The pages of all web workers see telephony and may act, until the block ends."""

    def calling() -> tuple[int, ...]:
        paces = bridge.desk.paces
        return () if paces is None else paces.calling

    teller = Teller(bus, bridge.desk, bridge.feed, epoch=epoch, campaigns=calling)
    answerer = Answerer(bus, bridge.desk, bridge.feed, teller, epoch=epoch, never_heard=bridge.never_heard)
    tasks = [asyncio.create_task(work.run(), name=name) for name, work in (("teller", teller), ("answerer", answerer))]
    for task in tasks:
        task.add_done_callback(tell_of_failure)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
