"""Killed in the middle of a voice message: what was said until then is kept, and becomes work."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from crm_core.callbacks.model import VoiceMessage
from crm_core.db import Database, make_engine
from crm_core.history import events as feed
from crm_core.history.events import FeedRecord
from crm_core.history.model import Recording
from crm_core.history.writer import apply_all
from crm_core.tables import METADATA
from recording.lost_messages import QUIET_SECONDS, adopt_sound, sounds_left
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_dialplan import CUSTOMER_TONE, tone
from tests.integration.test_recovery import each_contact_once, happened, journal, platform_process
from tests.integration.test_waiting import HOTLINE, folder, short_prompts

__all__ = ["folder", "short_prompts"]

LEAVES_A_MESSAGE = ((1.5, "2"),)


def speaking(site: SiteUnderTest) -> Path:
    """The file of the message that is being left, once two seconds are on the disk."""

    def file() -> Path | None:
        return next((path for path in site.site.recordings.glob("*/*-m.sln") if path.stat().st_size > 32_000), None)

    wait_until(lambda: file() is not None, 20, "a message of two seconds")
    found = file()
    assert found is not None
    return found


async def test_our_process_killed_in_a_message_loses_nothing_of_it(telephone_site: SiteUnderTest, folder: Path) -> None:
    audio = tone(telephone_site.folder, CUSTOMER_TONE)
    for old in telephone_site.site.recordings.glob("*/*-m.sln"):
        old.unlink()
    with platform_process(telephone_site, folder):
        customer = telephone_site.call(
            HOTLINE, scenarios.caller("13900000001", keys=LEAVES_A_MESSAGE, hang_up_after=7.0, audio=audio)
        )
        happened(folder, feed.CallQueued)
        await asyncio.to_thread(speaking, telephone_site)
    assert await asyncio.to_thread(customer.wait) == 0
    async with platform(telephone_site, folder) as running:
        (end,) = await running.until_ended(1)
        (message,) = running.of(feed.VoiceMessageLeft)
        assert (str(end.outcome), message.caller) == ("voicemail", "13900000001")
        assert message.seconds >= 4
        assert (telephone_site.site.recordings / message.file).stat().st_size > 16_000 * 3
        each_contact_once(running.records)


async def test_asterisk_killed_in_a_message_keeps_what_was_said_and_it_becomes_work(
    own_telephone_site: SiteUnderTest, folder: Path, tmp_path: Path
) -> None:
    site = own_telephone_site
    audio = tone(site.folder, CUSTOMER_TONE)
    async with platform(site, folder) as running:
        site.call(HOTLINE, scenarios.caller("13900000001", keys=LEAVES_A_MESSAGE, audio=audio))
        await running.until(lambda: bool(running.of(feed.CallQueued)))
        sound = await asyncio.to_thread(speaking, site)
        asterisk = site.asterisk.pid
        assert asterisk is not None
        os.kill(asterisk, signal.SIGKILL)
    said = sound.stat().st_size / 16_000
    assert said > 1.5
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    later = datetime.fromtimestamp(time.time() + QUIET_SECONDS + 1, UTC)
    async with database.begin() as session:
        await apply_all(session, [FeedRecord(n, event) for n, event in enumerate(journal(folder), start=1)])
        (left,) = list(sounds_left(site.site.recordings, later))
        assert await adopt_sound(session, left, later)
    async with database.begin() as session:
        message = await session.scalar(select(VoiceMessage))
        kept = await session.scalar(select(Recording).where(Recording.leg_id.endswith("-m")))
        assert message is not None
        assert kept is not None
        assert (message.found, message.queue, kept.file) == (True, "repair", left.file)
        assert message.caller.endswith("13900000001")
    await database.close()
