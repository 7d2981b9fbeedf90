"""Real calls through our telephone side: each is one contact with its true story."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.errors import Refused
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from cti.directory import CallerCard
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest

HOTLINE = "4001718888"


async def test_a_caller_talks_to_an_agent_and_hangs_up(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000007", hang_up_after=3.0))
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by, end.estimated) == (Outcome.ANSWERED, EndedBy.CUSTOMER, False)
        assert running.story(end.call) == [
            "ContactStarted", "CallerIdentified", "ContactAnswered", "MenuStep", "MenuLeft", "CallQueued",
            "CallOffered", "CallLeftQueue", "TalkBegan", "RecordingStarted", "TalkEnded", "ContactEnded",
        ]  # fmt: skip
        (started,) = running.of(feed.ContactStarted)
        assert (started.caller, started.entry) == ("13900000007", HOTLINE)
        states = [event.state for event in running.of(feed.AgentStateChanged)]
        assert states[:4] == ["ready", "ringing", "talking", "wrap_up"]
        (recording,) = running.of(feed.RecordingStarted)
        assert (telephone_site.site.recordings / recording.file).exists()


async def test_a_refused_call_goes_to_the_next_agent(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.phone("1001", scenarios.phone_rejects("603 Decline"))
        telephone_site.phone("1002", scenarios.phone_answers(hang_up_after=0.5))
        await running.bridge.desk.sign_in("1001", ready=True)
        await running.bridge.desk.sign_in("1002", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller())
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)
        assert [event.result for event in running.of(feed.OfferEnded)] == ["declined"]
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1002"]


async def test_a_caller_who_gives_up_is_abandoned(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.call(HOTLINE, scenarios.caller(hang_up_after=3.0))
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ABANDONED, EndedBy.CUSTOMER)
        assert [event.result for event in running.of(feed.CallLeftQueue)] == ["abandoned"]


async def test_a_blocked_caller_is_never_answered(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path, cards={"13900000066": CallerCard(blocked=True)}) as running:
        telephone_site.call(HOTLINE, scenarios.raw_invite(from_user="13900000066", expect=603))
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.BLOCKED, EndedBy.SYSTEM)
        assert not running.of(feed.ContactAnswered)


async def test_a_wrong_number_is_a_contact_too(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.call("4001710000", scenarios.raw_invite(expect=404))
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.WRONG_NUMBER


async def test_an_agent_calls_a_customer(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        telephone_site.phone("1001", scenarios.phone_answers())
        telephone_site.outside_phone(scenarios.phone_answers())
        await desk.sign_in("1001", ready=True)
        call = await desk.dial("1001", "138 1234 5678")
        view = desk.desk("1001").call
        assert view is not None
        assert (view.phase, view.caller) == ("dialling", "+8613812345678")
        with pytest.raises(Refused):
            await desk.dial("1001", "13812345678")
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        await desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert (end.call, end.outcome, end.by) == (call, Outcome.REACHED, EndedBy.AGENT)
        assert running.story(call) == [
            "ContactStarted", "ContactAnswered", "TalkBegan", "RecordingStarted", "TalkEnded", "ContactEnded",
        ]  # fmt: skip


async def test_a_customer_who_does_not_answer_is_not_reached(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.phone("1001", scenarios.phone_answers())
        telephone_site.outside_phone(scenarios.phone_rejects())
        await running.bridge.desk.sign_in("1001", ready=True)
        await running.bridge.desk.dial("1001", "13812345678")
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.NOT_REACHED
        assert running.of(feed.AgentStateChanged)[-1].state == "wrap_up"


async def test_the_agents_hang_up_button_ends_the_talk(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller())
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        await running.bridge.desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)
