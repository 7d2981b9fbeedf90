"""Known tones through consult, hand-over, conference and blind transfer: each in the right file, side and place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crm_core.history import events as feed
from cti.desk import Desk
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest
from tests.integration.test_call_control import COLLEAGUE, consulting
from tests.integration.test_recording_pauses import recorded
from tests.integration.test_recovery import HOTLINE
from tests.integration.voices import Voice, spans, strength

CUSTOMER, FIRST, SECOND = 500, 900, 1300
AGENTS_SIDE, OTHER_SIDE = 0, 1  # of the raw file
Sound = npt.NDArray[np.int16]


@asynccontextmanager
async def three(site: SiteUnderTest, folder: Path) -> AsyncIterator[tuple[Platform, Desk]]:
    """1001 talks with a customer, 1002 is ready; each says a tone of their own all the time."""
    with Voice(CUSTOMERS, CUSTOMER) as customer, Voice(DESK_PHONES, FIRST) as one, Voice(DESK_PHONES, SECOND) as two:
        site.phone("1001", one.spoken(scenarios.phone_answers()))
        site.phone("1002", two.spoken(scenarios.phone_answers()))
        async with platform(site, folder) as running:
            desk = running.bridge.desk
            await desk.sign_in("1001", ready=True)
            site.call(HOTLINE, customer.spoken(scenarios.caller("13900000007")))
            await running.until(lambda: bool(running.of(feed.RecordingStarted)))
            await desk.sign_in("1002", ready=True)
            await asyncio.sleep(0.6)
            yield running, desk


async def sounds(site: SiteUnderTest, running: Platform) -> list[Sound]:
    """Of the legs, in order."""
    await running.until_ended(1)
    return [await asyncio.to_thread(recorded, site, event.file) for event in running.of(feed.RecordingStarted)]


def heard(sound: Sound, side: int, hertz: int) -> float:
    """For how many seconds."""
    return sum(ended - began for began, ended in spans(strength(sound[:, side], hertz) > 0.05, gap=0.1))


def only(sound: Sound, side: int, *there: int) -> None:
    for hertz in (CUSTOMER, FIRST, SECOND):
        seconds = heard(sound, side, hertz)
        assert (seconds > 0.3) if hertz in there else (seconds < 0.05), f"{hertz} Hz on side {side}: {seconds:.2f} s"


async def after_the_colleague(site: SiteUnderTest, running: Platform, desk: Desk) -> list[Sound]:
    """The colleague's own talk begins, goes on for a while and ends the call."""
    await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
    await asyncio.sleep(0.6)
    await desk.hang_up("1002")
    return await sounds(site, running)


def each_with_its_own_agent(first: Sound, second: Sound, *beside: int) -> None:
    """Each agent on the own file beside the customer; `beside`: who else is heard on the first."""
    only(first, AGENTS_SIDE, FIRST)
    only(first, OTHER_SIDE, CUSTOMER, *beside)
    only(second, AGENTS_SIDE, SECOND)
    only(second, OTHER_SIDE, CUSTOMER)


async def test_an_attended_transfer_is_two_files_without_a_word_of_the_consult(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with three(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk, COLLEAGUE)
        await asyncio.sleep(0.6)
        await desk.calls.hand_over("1001")
        first, second = await after_the_colleague(telephone_site, running, desk)
    each_with_its_own_agent(first, second)


async def test_a_blind_transfer_is_two_files_each_with_its_own_agent(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with three(telephone_site, tmp_path) as (running, desk):
        await desk.calls.transfer("1001", COLLEAGUE)
        first, second = await after_the_colleague(telephone_site, running, desk)
    each_with_its_own_agent(first, second)


async def test_a_conference_is_on_the_first_agents_file_with_both_others(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with three(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk, COLLEAGUE)
        await asyncio.sleep(0.5)
        await desk.calls.conference("1001")
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        await asyncio.sleep(0.8)
        await desk.calls.leave_conference("1001")
        first, second = await after_the_colleague(telephone_site, running, desk)
    each_with_its_own_agent(first, second, SECOND)
    quiet = spans(strength(first[:, OTHER_SIDE], CUSTOMER) > 0.05, gap=0.1)
    assert len(quiet) == 2, "the customer before the consult, and in the conference"


async def test_a_pause_goes_with_the_customer_to_whom_the_call_is_handed_over(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with three(telephone_site, tmp_path) as (running, desk):
        await desk.recordings.pause("1001", "button")
        await consulting(running, desk, COLLEAGUE)
        await desk.calls.hand_over("1001")
        await running.until(lambda: len(running.of(feed.RecordingPaused)) == 2)
        await asyncio.sleep(0.6)
        call = desk.desk("1002").call
        assert call is not None
        assert call.recording.state == "paused"
        await desk.recordings.resume("1002", "button")
        await asyncio.sleep(0.6)
        await desk.hang_up("1002")
        first, second = await sounds(telephone_site, running)
    only(first, AGENTS_SIDE, FIRST)
    began, _ = spans(strength(second[:, OTHER_SIDE], CUSTOMER) > 0.02)[-1]
    assert began > 0.5, "the second recording begins in silence"
    early = spans(strength(second[: round(8000 * (began - 0.1)), OTHER_SIDE], CUSTOMER) > 0.02)
    assert sum(ended - start for start, ended in early) <= 0.1, "its edge"
