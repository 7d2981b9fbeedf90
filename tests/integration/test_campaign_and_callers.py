"""Inbound callers and a campaign's customers want the same agent, on a real Asterisk."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from cti.dialing_floor import CampaignFloor
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_campaign_line import end_of, order

HOTLINE = "4001718888"


async def rely(running: Platform, floor: CampaignFloor, lines: int) -> None:
    """What the dialer tells before it places calls, and when they have ended."""
    promise = floor.promise("repair", lines, time.time())
    assert promise is not None
    runtime = running.bridge.runtime
    await runtime.order(lambda: runtime.switchboard.tell(promise))


@pytest.mark.parametrize("kept", [True, False])
async def test_who_calls_while_a_campaigns_line_rings_takes_its_agent_only_when_nobody_kept_it(
    telephone_site: SiteUnderTest, tmp_path: Path, kept: bool
) -> None:
    talks = 4.0 if kept else 9.0  # a caller who has the agent keeps him past the customer's answer and two seconds more
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=talks), calls=2)
    telephone_site.outside_phone(scenarios.phone_answers(ring=4.0))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        floor = CampaignFloor(running.bridge.runtime.switchboard.engine)
        if kept:
            await rely(running, floor, 1)
        one = order()
        await running.bridge.campaign_line.place(one)
        await running.until(lambda: bool(running.of(told.AttemptRang)))
        telephone_site.call(HOTLINE, scenarios.caller("13900000009"))
        await running.until(lambda: bool(running.of(feed.CallQueued)), 10)
        assert floor.staffing("repair", time.time()).waiting_inbound == int(kept)
        assert (await end_of(running, one, 25)).result == ("answered" if kept else "dropped")
        if kept:
            await rely(running, floor, 0)
            await running.until(lambda: len(running.of(feed.TalkBegan)) == 2, 10)


async def test_a_caller_is_held_back_for_ten_seconds_and_no_longer(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        await rely(running, CampaignFloor(running.bridge.runtime.switchboard.engine), 1)
        telephone_site.call(HOTLINE, scenarios.caller("13900000009"))
        await running.until(lambda: bool(running.of(feed.CallQueued)), 10)
        await asyncio.sleep(2)
        assert not running.of(feed.TalkBegan)
        await running.until(lambda: bool(running.of(feed.TalkBegan)), 12)
        (queued,), (talk,) = running.of(feed.CallQueued), running.of(feed.TalkBegan)
        assert 9.5 < talk.at - queued.at < 11.5
