"""A call that we made: no ringing in its file, each on the own side, and no mark that drifts while nobody is joined."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from crm_core.history import events as feed
from cti.desk import Desk
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest
from tests.integration.test_call_control import COLLEAGUE
from tests.integration.test_recordings_of_transfers import (
    AGENTS_SIDE,
    CUSTOMER,
    FIRST,
    OTHER_SIDE,
    SECOND,
    after_the_colleague,
    each_with_its_own_agent,
    only,
    sounds,
)
from tests.integration.voices import Voice, spans, strength

RING_SECONDS = 1.5
OFF_SECONDS = 0.15


@asynccontextmanager
async def called(site: SiteUnderTest, folder: Path) -> AsyncIterator[tuple[Platform, Desk]]:
    """1001 has called a customer whose telephone rang for a while; the colleague's rings as long."""
    with Voice(CUSTOMERS, CUSTOMER) as customer, Voice(DESK_PHONES, FIRST) as one, Voice(DESK_PHONES, SECOND) as two:
        site.phone("1001", one.spoken(scenarios.phone_answers()))
        site.phone("1002", two.spoken(scenarios.phone_answers(ring=RING_SECONDS)))
        site.outside_phone(customer.spoken(scenarios.phone_answers(ring=RING_SECONDS)))
        async with platform(site, folder) as running:
            desk = running.bridge.desk
            await desk.sign_in("1001", ready=True)
            await desk.dial("1001", "13812345678")
            await running.until(lambda: bool(running.of(feed.RecordingStarted)))
            await desk.sign_in("1002", ready=True)
            await asyncio.sleep(0.6)
            yield running, desk


async def test_the_file_of_a_call_that_we_made_begins_with_the_talk(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with called(telephone_site, tmp_path) as (running, desk):
        await desk.hang_up("1001")
        (sound,) = await sounds(telephone_site, running)
    only(sound, AGENTS_SIDE, FIRST)
    only(sound, OTHER_SIDE, CUSTOMER)
    assert len(sound) / 8000 < RING_SECONDS, "nothing of the ringing"


async def test_after_a_consult_each_word_stands_at_its_second(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with called(telephone_site, tmp_path) as (running, desk):
        await desk.calls.consult("1001", COLLEAGUE)
        await running.until(lambda: bool(running.of(feed.ConsultAnswered)))
        await asyncio.sleep(0.4)
        await desk.calls.back_to_customer("1001")
        await asyncio.sleep(0.8)
        await desk.recordings.pause("1001", "button")
        await asyncio.sleep(0.5)
        await desk.recordings.resume("1001", "button")
        await asyncio.sleep(0.5)
        await desk.hang_up("1001")
        (sound,) = await sounds(telephone_site, running)
    only(sound, AGENTS_SIDE, FIRST)
    only(sound, OTHER_SIDE, CUSTOMER)
    (started,) = running.of(feed.RecordingStarted)
    told = [
        (running.of(began)[0].at - started.at, running.of(ended)[0].at - started.at)
        for began, ended in ((feed.HoldBegan, feed.HoldEnded), (feed.RecordingPaused, feed.RecordingResumed))
    ]
    talk = spans((strength(sound[:, AGENTS_SIDE], FIRST) > 0.05) | (strength(sound[:, OTHER_SIDE], CUSTOMER) > 0.05))
    silent = [(one[1], two[0]) for one, two in pairwise(talk)]
    print(f"\nsilent in the file {silent}, marks {told}")
    assert len(silent) == len(told)
    for heard, mark in zip(silent, told, strict=True):
        assert abs(heard[0] - mark[0]) <= OFF_SECONDS
        assert abs(heard[1] - mark[1]) <= OFF_SECONDS


async def test_a_call_that_we_made_and_handed_over_is_two_files_without_the_consult(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with called(telephone_site, tmp_path) as (running, desk):
        await desk.calls.consult("1001", COLLEAGUE)
        await running.until(lambda: bool(running.of(feed.ConsultAnswered)))
        await asyncio.sleep(0.4)
        await desk.calls.hand_over("1001")
        first, second = await after_the_colleague(telephone_site, running, desk)
    each_with_its_own_agent(first, second)
