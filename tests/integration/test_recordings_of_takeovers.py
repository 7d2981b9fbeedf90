"""A supervisor who listens, speaks and takes over: a file of their own from then on, and in no other's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crm_core.history import events as feed
from cti.desk import Desk
from tests.integration import scenarios
from tests.integration.platform import Platform
from tests.integration.site import DESK_PHONES, SiteUnderTest, wait_until
from tests.integration.test_recordings_of_transfers import (
    AGENTS_SIDE,
    CUSTOMER,
    FIRST,
    OTHER_SIDE,
    SECOND,
    begins_in_silence,
    each_with_its_own_agent,
    only,
    resumed_by_the_next,
    sounds,
    three,
)
from tests.integration.voices import Voice

AGENT, SUPERVISOR = "1001", "1004"


@asynccontextmanager
async def with_a_supervisor(site: SiteUnderTest, folder: Path) -> AsyncIterator[tuple[Platform, Desk]]:
    """As `three`, and a supervisor who says the tone of a second agent."""
    with Voice(DESK_PHONES, SECOND) as voice:
        site.phone(SUPERVISOR, voice.spoken(scenarios.phone_answers()))
        async with three(site, folder) as (running, desk):
            yield running, desk


async def test_a_takeover_is_two_files_and_nobody_who_barged_in_is_on_the_first(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with with_a_supervisor(telephone_site, tmp_path) as (running, desk):
        await desk.floor_control.supervise(SUPERVISOR, AGENT, "barge")
        one = running.bridge.runtime.supervisions.of(SUPERVISOR)
        assert one is not None
        await asyncio.to_thread(wait_until, lambda: one.heard == "barge")
        await asyncio.sleep(0.6)
        await desk.floor_control.take_over(SUPERVISOR, AGENT)
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        await asyncio.sleep(0.6)
        await desk.hang_up(SUPERVISOR)
        first, second = await sounds(telephone_site, running)
    each_with_its_own_agent(first, second)


async def test_a_pause_stays_when_a_supervisor_takes_over(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with with_a_supervisor(telephone_site, tmp_path) as (running, desk):
        await desk.recordings.pause(AGENT, "button")
        await desk.floor_control.take_over(SUPERVISOR, AGENT)
        first, second = await resumed_by_the_next(telephone_site, running, desk, SUPERVISOR)
    only(first, AGENTS_SIDE, FIRST)
    begins_in_silence(second)
    only(second, AGENTS_SIDE, SECOND)
    only(second, OTHER_SIDE, CUSTOMER)
