"""Asterisk stands still for 10 s, or has hundreds of calls when we come back: noticed, taken up again, no ghost."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from crm_core.history import events as feed
from crm_core.history.events import Outcome
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_recovery import HOTLINE, each_contact_once, link_is

OUTAGE_SECONDS = 10.0
NOTICED, BACK, COMPARED = 3.0, 1.0, 2.0  # seconds, of goal R2


def links(running: Platform, *, connected: bool) -> list[float]:
    return [event.at for event in running.of(feed.TelephonyLinkChanged) if event.connected is connected]


async def test_an_asterisk_that_stands_still_is_noticed_and_taken_up_again(
    own_telephone_site: SiteUnderTest, tmp_path: Path, record_property: Any
) -> None:
    site = own_telephone_site
    site.phone("1001", scenarios.phone_answers())
    async with platform(site, tmp_path) as running:
        desk, asterisk = running.bridge.desk, site.asterisk.pid
        assert asterisk is not None
        await desk.sign_in("1001", ready=True)
        site.call(HOTLINE, scenarios.caller("13900000001"))
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        site.call(HOTLINE, scenarios.caller("13900000002"))
        await running.until(lambda: len(running.of(feed.CallQueued)) == 2)
        stopped = time.time()
        os.kill(asterisk, signal.SIGSTOP)
        try:
            await link_is(running, False, 1, 2 * NOTICED)
            await asyncio.sleep(stopped + OUTAGE_SECONDS - time.time())
        finally:
            os.kill(asterisk, signal.SIGCONT)
        again = time.time()
        await link_is(running, True, 2, 10 * BACK)
        noticed, back = links(running, connected=False)[0] - stopped, links(running, connected=True)[-1] - again
        record_property("seconds", {"noticed": round(noticed, 3), "back": round(back, 3)})
        print(f"noticed after {noticed:.3f} s, back after {back:.3f} s")
        assert noticed <= NOTICED
        assert back <= BACK
        assert desk.desk("1001").state == "talking"
        assert [caller.caller for caller in desk.floor().waiting] == ["13900000002"]
        assert len(running.of(feed.CallOffered)) == 1
        site.phone("1002", scenarios.phone_answers(hang_up_after=0.3))
        await desk.sign_in("1002", ready=True)
        await running.until_ended(1)
        await desk.hang_up("1001")
        ends = await running.until_ended(2)
        assert {end.outcome for end in ends} == {Outcome.ANSWERED}
        each_contact_once(running.records)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("calls", [60, pytest.param(500, marks=pytest.mark.full)])
async def test_hundreds_of_live_channels_are_compared_in_time_and_none_is_a_ghost(
    calls: int, tmp_path: Path, record_property: Any
) -> None:
    from tests.integration.conftest import running_site

    with running_site(rtp_ports=2 * calls + 200) as site:
        async with platform(site, tmp_path) as running:
            site.call(HOTLINE, scenarios.caller("13900000001"), calls=calls, rate=50)
            await running.until(lambda: len(running.of(feed.CallQueued)) == calls, 120)
            order = [caller.call for caller in running.bridge.desk.floor().waiting]
            running.bridge._link.reconnect()
            await link_is(running, True, 2, 20)
            took = links(running, connected=True)[-1] - links(running, connected=False)[-1]
            record_property("seconds", round(took, 3))
            print(f"{calls} channels: lost link to compared {took:.3f} s")
            assert took <= COMPARED
            assert [caller.call for caller in running.bridge.desk.floor().waiting] == order
            site.asterisk.rx("channel request hangup all")
            ends = await running.until_ended(calls, 60)
            assert {end.outcome for end in ends} == {Outcome.ABANDONED}
            assert not running.bridge.desk.floor().waiting
            each_contact_once(running.records)
