"""A full volume, a volume that is away: calls go on, the alarm comes within 5 s, and each contact says so."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crm_core.history import events as feed
from cti.recording_guard import RecordingGuard, Volume
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_recovery import HOTLINE

ALARM_SECONDS = 5.0


@asynccontextmanager
async def guarded(running: Platform, guard: RecordingGuard) -> AsyncIterator[RecordingGuard]:
    work = asyncio.create_task(guard.run())
    running.bridge.desk.guard = guard
    try:
        yield guard
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def test_on_a_full_volume_calls_go_on_and_say_that_they_are_not_recorded(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    used = [96.0]
    async with platform(telephone_site, tmp_path) as running:
        guard = RecordingGuard(running.bridge.runtime, telephone_site.site.recordings, lambda _: Volume(used[0]))
        async with guarded(running, guard):
            desk = running.bridge.desk
            began = time.monotonic()
            await running.until(lambda: bool(running.of(feed.RecordingsStopped)))
            assert time.monotonic() - began < ALARM_SECONDS
            assert desk.floor().recordings_full == 96.0
            telephone_site.phone("1001", scenarios.phone_answers(), calls=2)
            await desk.sign_in("1001", ready=True)
            telephone_site.call(HOTLINE, scenarios.caller("13900000007"))
            await running.until(lambda: bool(running.of(feed.RecordingMissed)))
            (talk,), (told,) = running.of(feed.TalkBegan), running.of(feed.RecordingMissed)
            assert (told.why, told.leg, told.agent) == ("disk", talk.leg, "1001")
            assert told.at - talk.at < ALARM_SECONDS
            call = desk.desk("1001").call
            assert call is not None
            assert call.recording.state == "missing"
            assert running.of(feed.RecordingStarted) == []
            await desk.hang_up("1001")
            await running.until_ended(1)

            used[0] = 90.0
            await running.until(lambda: [one.stopped for one in running.of(feed.RecordingsStopped)] == [True, False])
            await desk.go_ready("1001")
            telephone_site.call(HOTLINE, scenarios.caller("13900000008"))
            await running.until(lambda: bool(running.of(feed.RecordingStarted)))
            assert len(running.of(feed.RecordingMissed)) == 1
            await desk.hang_up("1001")
            await running.until_ended(2)


async def test_a_recording_whose_file_cannot_be_made_is_told_within_five_seconds(
    own_telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    """The day's folder is a file: Asterisk tells that the recording began, and writes nothing."""
    site = own_telephone_site
    day = time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600))
    (site.site.recordings / day).write_text("in the way")
    async with platform(site, tmp_path) as running:
        guard = RecordingGuard(running.bridge.runtime, site.site.recordings)
        async with guarded(running, guard):
            site.phone("1001", scenarios.phone_answers())
            await running.bridge.desk.sign_in("1001", ready=True)
            site.call(HOTLINE, scenarios.caller("13900000007"))
            await running.until(lambda: bool(running.of(feed.RecordingMissed)))
            (told,), (talk,) = running.of(feed.RecordingMissed), running.of(feed.TalkBegan)
            assert told.why == "not_written"
            assert told.at - talk.at < ALARM_SECONDS
            await running.bridge.desk.hang_up("1001")
            await running.until_ended(1)


def _mounted(folder: Path, size: str) -> bool:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    return done.returncode == 0


async def test_a_real_small_volume_that_fills_up_stops_new_recordings(
    own_telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    site = own_telephone_site
    if not _mounted(site.site.recordings, "2m"):
        pytest.skip("no volume can be mounted here")
    try:
        async with platform(site, tmp_path) as running:
            guard = RecordingGuard(running.bridge.runtime, site.site.recordings)
            async with guarded(running, guard):
                site.phone("1001", scenarios.phone_answers())
                await running.bridge.desk.sign_in("1001", ready=True)
                began = time.monotonic()
                (site.site.recordings / "ballast").write_bytes(b"0" * 2_000_000)
                await running.until(lambda: bool(running.of(feed.RecordingsStopped)))
                assert time.monotonic() - began < ALARM_SECONDS
                site.call(HOTLINE, scenarios.caller("13900000007"))
                await running.until(lambda: bool(running.of(feed.RecordingMissed)))
                assert (site.site.recordings / "ballast").exists()
                await running.bridge.desk.hang_up("1001")
                await running.until_ended(1)
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", str(site.site.recordings)], check=False)
