"""What goes on beside the calls, once for a site: recordings, work at its time, messages offered, the demo day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

from asterisk_conf.proxy_control import ProxyControl
from crm_core import clock
from crm_core.db import Database
from crm_core.jobs.runner import JobRunner
from cti.bridge import Bridge
from hotline.asterisk_alarms import AsteriskAlarms
from hotline.background import at_work
from hotline.demo.stage import play
from hotline.leaving_queues import LeavingQueues
from hotline.line_alarms import LineAlarms
from hotline.long_work import LongWork
from hotline.message_offers import MessageOffers
from hotline.phone_sessions import PhoneSessions
from hotline.settings import Settings
from hotline.talk_texts import talk_texts
from hotline.timed_work import handlers, put_recurring, tellers
from hotline.transcribing import transcriber
from recording.comment_texts import CommentTexts
from recording.message_texts import MessageTexts
from recording.nightly_check import NightlyCheck
from recording.shelving import Shelving
from recording.storage import RecordingKeeper
from recording.vault import Vault
from reports.queue_log_file import QueueLogFile


@asynccontextmanager
async def telephone_works(settings: Settings, database: Database, bridge: Bridge, vault: Vault) -> AsyncIterator[None]:
    """All of it, until the block ends."""
    async with at_work(_works(settings, database, bridge, vault)):
        yield


def _works(
    settings: Settings, database: Database, bridge: Bridge, vault: Vault
) -> dict[str, Coroutine[Any, Any, None]]:
    keeper = RecordingKeeper(database, settings.recordings_dir)
    ears = transcriber(settings.cache_dir)
    work = {
        "recordings": keeper.run(bridge.feed.follow),
        "shelving": Shelving(database, vault).run(),
        "recording_check": NightlyCheck(database, vault, ZoneInfo(settings.site_zone)).run(),
        "leaving_queues": LeavingQueues(database, bridge.desk).run(bridge.feed.follow),
        "message_offers": MessageOffers(database, bridge.desk.floor, bridge.feed.publish).run(bridge.feed.follow),
        "line_alarms": LineAlarms(database, bridge.lines).run(),
        "asterisk_alarms": _asterisk_alarms(settings, database, bridge),
        "message_texts": MessageTexts(database, vault, ears).run(),
        "comment_texts": CommentTexts(database, vault, ears).run(),
        "talk_texts": talk_texts(settings, database, vault, bridge.desk.floor).run(),
        "phones": PhoneSessions(database, bridge.desk, bridge.desk.accounts).run(),
        "jobs": _timed_work(settings, database, vault),
        "long_work": LongWork(settings, database).run(),
    }
    if settings.queue_log is not None:
        work["queue_log"] = QueueLogFile(settings.queue_log.resolve()).run(bridge.feed.follow, bridge.feed.since)
    if settings.demo and settings.demo_calls:
        work["demo"] = _demo(settings, database, bridge)
    return work


async def _asterisk_alarms(settings: Settings, database: Database, bridge: Bridge) -> None:
    await bridge.ready.wait()
    proxy = ProxyControl(settings.proxy_dir) if settings.nodes > 1 else None
    await AsteriskAlarms(database, bridge.desk, proxy).run()


async def _timed_work(settings: Settings, database: Database, vault: Vault) -> None:
    await put_recurring(database, clock.now())
    kinds = (handlers(settings, database, vault), tellers(settings, database))
    await asyncio.gather(*(JobRunner(database, kind).run() for kind in kinds))


async def _demo(settings: Settings, database: Database, bridge: Bridge) -> None:
    await bridge.ready.wait()
    await play(settings, database, bridge.desk)
