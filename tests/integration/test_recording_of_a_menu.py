"""The menu is recorded where the site wants it, the caller on the customer's side, and the talk apart from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from crm_core.capture.rules import Capture
from crm_core.history import events as feed
from cti.recording_guard import RecordingGuard
from ivr.line import Caller, Enqueue, Finish, Line
from recording.raw_audio import keep
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest
from tests.integration.test_recording_pauses import recorded
from tests.integration.test_recordings_that_cannot_begin import guarded
from tests.integration.test_recovery import HOTLINE
from tests.integration.voices import Voice, strength

CALLER, AGENT, MENU = 700, 1100, 1700


def hum(folder: Path) -> None:
    """A prompt of 1.5 s: a telephone that hears nothing does not speak."""
    (folder / "prompts/zh-CN").mkdir(parents=True)
    samples = 0.2 * np.sin(2 * np.pi * MENU * np.arange(12_000) / 8000)
    soundfile.write(folder / "prompts/zh-CN/hum.wav", samples, 8000, subtype="PCM_16")


async def a_second_in_the_menu(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue | Finish:
    await line.play(("hum",), "zh-CN")
    report("main", "4")
    return Enqueue(queue="repair", topic="repair", path=("main", "repair"), language="zh-CN")


async def test_the_callers_words_in_the_menu_are_recorded_where_the_site_wants_it(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    site = telephone_site
    hum(tmp_path)
    with Voice(CUSTOMERS, CALLER) as caller, Voice(DESK_PHONES, AGENT) as agent:
        site.phone("1001", agent.spoken(scenarios.phone_answers()))
        async with platform(site, tmp_path, menu=a_second_in_the_menu) as running:
            book = running.bridge.runtime.switchboard.book
            book.capture = replace(Capture(), menus=True)
            guard = RecordingGuard(running.bridge.runtime, site.site.recordings)
            async with guarded(running, guard):
                await asyncio.to_thread(_until_told, site)
                await running.bridge.desk.sign_in("1001", ready=True)
                site.call(HOTLINE, caller.spoken(scenarios.caller("13900000007")))
                await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
                await asyncio.sleep(0.6)
                await running.bridge.desk.hang_up("1001")
                await running.until_ended(1)
                book.capture = Capture()
                menu, talk = running.of(feed.RecordingStarted)
                assert (menu.agent, menu.leg) == ("menu", f"{menu.call}-menu-q")
                raw = await asyncio.to_thread(recorded, site, menu.file)
                await asyncio.to_thread(_until_told, site, "")
    assert 0.9 < len(raw) / 8000 < 2.5, "the menu alone"
    kept = await asyncio.to_thread(keep, site.site.recordings / menu.file)
    assert kept is not None
    samples, _ = soundfile.read(kept.path, dtype="int16")
    assert strength(samples[:, 0], CALLER).max() > 0.2, "the customer is left"
    assert strength(samples[:, 1], CALLER).max() < 0.02
    assert strength(samples[:, 1], MENU).max() > 0.1, "the menu is right"
    assert talk.file != menu.file


def _until_told(site: SiteUnderTest, value: str = "1") -> None:
    from tests.integration.site import wait_until

    def told() -> bool:
        lines = site.asterisk.rx("dialplan show globals").splitlines()
        return f"HL_RECORD_MENUS={value}" in [line.strip() for line in lines]

    wait_until(told, 10, "the site's wish in the dialplan")
