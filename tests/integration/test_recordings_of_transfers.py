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
from tests.integration.test_call_control import COLLEAGUE, channel_of, consulting
from tests.integration.test_recording_pauses import recorded
from tests.integration.test_recovery import HOTLINE
from tests.integration.voices import Voice, spans, strength

CUSTOMER, FIRST, SECOND = 500, 900, 1300
AGENTS_SIDE, OTHER_SIDE = 0, 1  # of the raw file
Sound = npt.NDArray[np.int16]


@asynccontextmanager
async def three(site: SiteUnderTest, folder: Path, *, phones: int = 1) -> AsyncIterator[tuple[Platform, Desk]]:
    """1001 talks with a customer, 1002 is ready; each says a tone of their own all the time.

    1001's telephone takes `phones` calls.
    """
    with Voice(CUSTOMERS, CUSTOMER) as customer, Voice(DESK_PHONES, FIRST) as one, Voice(DESK_PHONES, SECOND) as two:
        site.phone("1001", one.spoken(scenarios.phone_answers()), calls=phones)
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


async def resumed_by_the_next(site: SiteUnderTest, running: Platform, desk: Desk, agent: str) -> list[Sound]:
    """The pause is in force on the next one's recording, too, until they end it; then a word, and the call is over."""
    await running.until(lambda: len(running.of(feed.RecordingPaused)) == 2)
    await asyncio.sleep(0.6)
    call = desk.desk(agent).call
    assert call is not None
    assert call.recording.state == "paused"
    await desk.recordings.resume(agent, "button")
    await asyncio.sleep(0.6)
    await desk.hang_up(agent)
    return await sounds(site, running)


def begins_in_silence(sound: Sound) -> None:
    """But for the first tenth of a second, in which Asterisk is told."""
    began, _ = spans(strength(sound[:, OTHER_SIDE], CUSTOMER) > 0.02)[-1]
    assert began > 0.5, "the recording begins in silence"
    early = spans(strength(sound[: round(8000 * (began - 0.1)), OTHER_SIDE], CUSTOMER) > 0.02)
    assert sum(ended - start for start, ended in early) <= 0.1, "its edge"


async def test_a_pause_goes_with_the_customer_to_whom_the_call_is_handed_over(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with three(telephone_site, tmp_path) as (running, desk):
        await desk.recordings.pause("1001", "button")
        await consulting(running, desk, COLLEAGUE)
        await desk.calls.hand_over("1001")
        first, second = await resumed_by_the_next(telephone_site, running, desk, "1002")
    only(first, AGENTS_SIDE, FIRST)
    begins_in_silence(second)


async def test_a_conference_in_a_pause_is_silent_until_the_pause_ends(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with three(telephone_site, tmp_path) as (running, desk):
        await desk.recordings.pause("1001", "button")
        await consulting(running, desk, COLLEAGUE)
        await desk.calls.conference("1001")
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        await asyncio.sleep(1.0)
        await desk.recordings.resume("1001", "button")
        await asyncio.sleep(0.6)
        await desk.calls.leave_conference("1001")
        sound, _ = await after_the_colleague(telephone_site, running, desk)
    (paused,), (resumed,) = running.of(feed.RecordingPaused), running.of(feed.RecordingResumed)
    for hertz in (CUSTOMER, SECOND):
        there = spans(strength(sound[:, OTHER_SIDE], hertz) > 0.02)
        assert there[-1][1] - there[-1][0] > 0.3, "all are heard after it"
        silent = there[-1][0] - (there[-2][1] if len(there) > 1 else 0.0)
        assert silent >= resumed.at - paused.at - 0.1, f"{hertz} Hz: {there}"


async def test_a_pause_outlives_the_agents_lost_browser(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with three(telephone_site, tmp_path, phones=2) as (running, desk):
        await desk.recordings.pause("1001", "button")
        channel = channel_of(telephone_site, "1001")
        telephone_site.asterisk.rx(f"channel request hangup {channel}")  # without a BYE of the telephone
        first, second = await resumed_by_the_next(telephone_site, running, desk, "1001")
    only(first, AGENTS_SIDE, FIRST)
    begins_in_silence(second)
    only(second, AGENTS_SIDE, FIRST)
