"""The hold key of a telephone (a re-INVITE): what is said in it is not recorded, and the file keeps its time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from crm_core.capture.rules import Capture
from crm_core.history import events as feed
from cti.desk import Desk
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest
from tests.integration.test_recording_pauses import (
    AGENT,
    CUSTOMER,
    EDGES_SECONDS,
    SECRETS,
    Sound,
    pauses_in,
    recorded,
    says,
    secrets_in,
)
from tests.integration.test_recovery import HOTLINE
from tests.integration.voices import Voice, spans, strength

BEFORE, HELD = 1.0, 1.6
AGENTS_SIDE, CUSTOMERS_SIDE = 0, 1  # of the raw file


async def held_once(site: SiteUnderTest, folder: Path, capture: Capture) -> tuple[Sound, Platform]:
    """A talk with one hold, in which both say something else as soon as it is known."""
    with Voice(CUSTOMERS, CUSTOMER) as customer, Voice(DESK_PHONES, AGENT) as agent:
        site.phone("1001", agent.spoken(scenarios.phone_holds(after=BEFORE, seconds=HELD)))
        async with platform(site, folder) as running:
            running.bridge.runtime.switchboard.book.capture = capture
            desk = running.bridge.desk
            await desk.sign_in("1001", ready=True)
            site.call(HOTLINE, customer.spoken(scenarios.caller("13900000007")))
            await running.until(lambda: bool(running.of(feed.HoldBegan)))
            await asyncio.sleep(EDGES_SECONDS)
            await asyncio.to_thread(says, (customer, agent), secret=True)
            await asyncio.sleep(HELD - 5 * EDGES_SECONDS)
            await asyncio.to_thread(says, (customer, agent), secret=False)
            await running.until(lambda: bool(running.of(feed.HoldEnded)))
            return await hung_up(site, running, desk), running


async def hung_up(site: SiteUnderTest, running: Platform, desk: Desk) -> Sound:
    """After a last word: the talk's sound."""
    await asyncio.sleep(0.6)
    (started,) = running.of(feed.RecordingStarted)
    await desk.hang_up("1001")
    await running.until_ended(1)
    return await asyncio.to_thread(recorded, site, started.file)


async def test_what_is_said_while_the_telephone_holds_is_not_in_the_file(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    sound, running = await held_once(telephone_site, tmp_path, Capture())
    assert secrets_in(sound) == []
    (silent,), (began,), (ended,) = pauses_in(sound), running.of(feed.HoldBegan), running.of(feed.HoldEnded)
    (started,) = running.of(feed.RecordingStarted)
    edges = silent[1] - silent[0] - (ended.at - began.at)
    late = silent[0] - (began.at - started.at)
    print(f"\nthe hold's edges together {edges * 1000:.0f} ms; its mark is {late * 1000:.0f} ms off")
    assert abs(edges) <= EDGES_SECONDS
    assert abs(late) <= EDGES_SECONDS
    assert strength(sound[:, AGENTS_SIDE], CUSTOMER).max() < 0.02, "each on the own side"
    assert strength(sound[:, CUSTOMERS_SIDE], AGENT).max() < 0.02


async def test_a_site_that_records_holds_has_what_each_side_said_in_them(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    sound, _ = await held_once(telephone_site, tmp_path, Capture(holds=True))
    for side, who in ((AGENTS_SIDE, AGENT), (CUSTOMERS_SIDE, CUSTOMER)):
        there = spans(strength(sound[:, side], SECRETS[who]) > 0.05)
        assert sum(ended - began for began, ended in there) > HELD / 2, f"side {side}: {there}"
        assert not spans(strength(sound[:, side], SECRETS[AGENT + CUSTOMER - who]) > 0.05)
