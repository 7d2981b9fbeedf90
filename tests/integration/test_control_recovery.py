"""Our process killed in a consult, a conference, with a parked call: nobody is lost, and the rest becomes known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crm_core.history import events as feed
from crm_core.history.events import Outcome
from cti.views import Target
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_call_control import channel_of, silence, two_channels
from tests.integration.test_recovery import HOTLINE, each_contact_once, happened, platform_process

COLLEAGUE = Target(kind="agent", value="1002")


@asynccontextmanager
async def killed(site: SiteUnderTest, folder: Path, act: str) -> AsyncIterator[None]:
    """1001 talked with a customer, did `act`, and our process was killed at once."""
    site.phone("1001", scenarios.phone_answers())
    with platform_process(site, folder, "1001", "1002", "--act", act) as process:
        site.call(HOTLINE, scenarios.caller("13900000007"))
        happened(
            folder, {"consult": feed.ConsultAnswered, "conference": feed.PartyJoined, "park": feed.CallParked}[act]
        )
        if act == "park":  # it is written before Asterisk is asked
            wait_until(lambda: bool(site.channel_in("hl-park")))
        process.kill()
        process.wait()
    yield


def of_agent(running: Platform, agent: str) -> str:
    return running.bridge.desk.desk(agent).state


async def test_a_consult_outlives_our_process(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with killed(telephone_site, tmp_path, "consult"), platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        mine, asked = desk.desk("1001").call, desk.desk("1002").call
        assert mine is not None
        assert asked is not None
        assert mine.party is not None
        assert (mine.phase, mine.party.phase, asked.part) == ("consulting", "talking", "consulted")
        assert (of_agent(running, "1001"), of_agent(running, "1002")) == ("talking", "talking")
        await desk.calls.hand_over("1001")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        await two_channels(telephone_site)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        each_contact_once(running.records)
        await silence(telephone_site)


async def test_the_colleague_hung_up_while_our_process_was_away(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with killed(telephone_site, tmp_path, "consult"):
        telephone_site.asterisk.rx(f"channel request hangup {channel_of(telephone_site, '1002')}")
        await two_channels(telephone_site)
        async with platform(telephone_site, tmp_path) as running:
            desk = running.bridge.desk
            call = desk.desk("1001").call
            assert call is not None
            assert call.party is not None
            assert (call.phase, call.party.phase, call.party.result) == ("consulting", "ended", "gone")
            await desk.calls.back_to_customer("1001")
            await two_channels(telephone_site)


@pytest.mark.parametrize("who", ["1001", "1002"])
async def test_one_left_a_conference_while_our_process_was_away(
    telephone_site: SiteUnderTest, tmp_path: Path, who: str
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    stays = {"1001": "1002", "1002": "1001"}[who]
    async with killed(telephone_site, tmp_path, "conference"):
        telephone_site.asterisk.rx(f"channel request hangup {channel_of(telephone_site, who)}")
        await two_channels(telephone_site)  # it is a wish: the channel goes a moment later
        async with platform(telephone_site, tmp_path) as running:
            desk = running.bridge.desk
            call = desk.desk(stays).call
            assert call is not None
            assert (call.phase, call.part, call.party) == ("talking", "owner", None)
            assert desk.desk(who).call is None
            await two_channels(telephone_site)
            await asyncio.to_thread(wait_until, lambda: bool(telephone_site.channel_in("hl-join")))
            await desk.hang_up(stays)
            (end,) = await running.until_ended(1)
            assert end.outcome == Outcome.ANSWERED
            each_contact_once(running.records)


async def test_a_conference_outlives_our_process(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with killed(telephone_site, tmp_path, "conference"), platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        views = [desk.desk(agent).call for agent in ("1001", "1002")]
        assert [view and (view.phase, view.part) for view in views] == [
            ("conference", "owner"), ("conference", "consulted"),
        ]  # fmt: skip
        await desk.calls.drop_party("1001")
        await two_channels(telephone_site)
        await running.until(lambda: bool(running.of(feed.PartyLeft)))
        assert of_agent(running, "1001") == "talking"


async def test_everybody_hung_up_in_a_consult_while_our_process_was_away(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with killed(telephone_site, tmp_path, "consult"):
        telephone_site.asterisk.rx("channel request hangup all")
        await silence(telephone_site)
        async with platform(telephone_site, tmp_path) as running:
            (end,) = await running.until_ended(1)
            assert end.outcome == Outcome.ANSWERED
            assert len(running.of(feed.ConsultBegan)) == len(running.of(feed.ConsultEnded)) == 1
            assert {of_agent(running, agent) for agent in ("1001", "1002")} <= {"wrap_up", "ready"}
            each_contact_once(running.records)


async def test_two_agents_do_not_talk_on_whose_customer_hung_up_meanwhile(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with killed(telephone_site, tmp_path, "consult"):
        telephone_site.asterisk.rx(f"channel request hangup {telephone_site.channel_in('hl-hold')}")
        await two_channels(telephone_site)
        async with platform(telephone_site, tmp_path) as running:
            await silence(telephone_site)
            (end,) = await running.until_ended(1)
            assert end.outcome == Outcome.ANSWERED
            assert [event.result for event in running.of(feed.ConsultEnded)] == ["customer_gone"]


async def test_a_parked_call_outlives_our_process(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with killed(telephone_site, tmp_path, "park"), platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        (parked,) = desk.floor().parked
        assert (parked.slot, parked.agent) == ("P1", "1001")
        await desk.sign_in("1002", ready=True)
        await desk.calls.pick_up("1002", "P1")
        await running.until(lambda: bool(running.of(feed.CallPickedUp)))
        await two_channels(telephone_site)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        each_contact_once(running.records)
