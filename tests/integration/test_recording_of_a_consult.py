"""What two agents say to each other while the customer hears music is on no tape; each leg has a file of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crm_core.history import events as feed
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_call_control import COLLEAGUE, HOTLINE, consulting
from tests.integration.test_recording_of_a_call import RATE, tone

CUSTOMER, FIRST, SECOND = 440, 880, 1320


def share(side: npt.NDArray[np.int16], hertz: int) -> float:
    """The amplitude of a tone in a recording, of full scale."""
    time = np.arange(len(side)) / RATE
    return float(2 * abs(np.mean(side / 32768 * np.exp(-2j * np.pi * hertz * time)))) if len(side) else 0.0


def seconds(file: Path) -> float:
    return file.stat().st_size / (RATE * 4) if file.exists() else 0.0


async def test_the_recordings_hold_the_talks_with_the_customer_and_nothing_of_the_consult(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    site = telephone_site
    tones = {hertz: tone(tmp_path / f"{hertz}.ul", hertz) for hertz in (CUSTOMER, FIRST, SECOND)}
    site.phone("1002", scenarios.phone_answers(audio=tones[SECOND]))
    async with platform(site, tmp_path) as running:
        desk = running.bridge.desk
        site.phone("1001", scenarios.phone_answers(audio=tones[FIRST]))
        await desk.sign_in("1001", ready=True)
        site.call(HOTLINE, scenarios.caller(audio=tones[CUSTOMER]))
        await running.until(lambda: bool(running.of(feed.RecordingStarted)))
        await desk.sign_in("1002", ready=True)
        (first,) = [site.site.recordings / event.file for event in running.of(feed.RecordingStarted)]
        await asyncio.to_thread(wait_until, lambda: seconds(first) > 1.0)
        await consulting(running, desk, COLLEAGUE)
        begun = seconds(first)
        await asyncio.to_thread(wait_until, lambda: seconds(first) > begun + 1.5)
        await desk.calls.hand_over("1001")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        second = site.site.recordings / running.of(feed.RecordingStarted)[-1].file
        await asyncio.to_thread(wait_until, lambda: seconds(second) > 1.0)
        await desk.hang_up("1002")
        await running.until_ended(1)
    one, two = (np.frombuffer(file.read_bytes(), np.int16).reshape(-1, 2) for file in (first, second))
    talk, consult = one[RATE // 5 : RATE * 4 // 5], one[int((begun + 0.5) * RATE) : int((begun + 1.4) * RATE)]
    assert share(talk[:, 0], FIRST) > 0.1
    assert share(talk[:, 1], CUSTOMER) > 0.1
    assert np.abs(consult).max() < 50
    assert share(one[:, 1], SECOND) < 0.01
    assert share(two[RATE // 5 : RATE, 0], SECOND) > 0.1
    assert share(two[RATE // 5 : RATE, 1], CUSTOMER) > 0.1
    assert share(two[:, 1], FIRST) < 0.005
