"""What an agent does with a call, on a real Asterisk: consult, hand over, conference, transfer, park, messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crm_core.errors import PlatformError, Refused
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from cti.desk import Desk
from cti.views import Target
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest, wait_until

HOTLINE = "4001718888"
COLLEAGUE = Target(kind="agent", value="1002")


@asynccontextmanager
async def a_talk(site: SiteUnderTest, folder: Path, **customer: float) -> AsyncIterator[tuple[Platform, Desk]]:
    """1001 talks with a customer of the hotline; 1002 is ready."""
    async with platform(site, folder) as running:
        desk = running.bridge.desk
        site.phone("1001", scenarios.phone_answers())
        await desk.sign_in("1001", ready=True)
        site.call(HOTLINE, scenarios.caller("13900000007", hang_up_after=customer.get("hang_up_after")))
        await running.until(lambda: bool(running.of(feed.RecordingStarted)))
        await desk.sign_in("1002", ready=True)
        yield running, desk


async def consulting(running: Platform, desk: Desk, target: Target = COLLEAGUE) -> None:
    await desk.calls.consult("1001", target)
    await running.until(lambda: bool(running.of(feed.ConsultAnswered)))


def states(running: Platform, agent: str) -> list[str]:
    return [event.state for event in running.of(feed.AgentStateChanged) if event.agent == agent]


async def silence(site: SiteUnderTest) -> None:
    """No channel is left over."""
    await asyncio.to_thread(wait_until, site.asterisk.at_rest)


async def two_channels(site: SiteUnderTest) -> None:
    await asyncio.to_thread(wait_until, lambda: "2 active channels" in site.asterisk.rx("core show channels count"))


async def test_a_customer_is_handed_over_after_a_consult(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await desk.calls.consult("1001", COLLEAGUE)
        asks = desk.desk("1001").call
        assert asks is not None
        assert asks.party is not None
        assert (asks.phase, asks.party.name, asks.party.phase) == ("consulting", "1002", "ringing")
        await running.until(lambda: bool(running.of(feed.ConsultAnswered)))
        asked = desk.desk("1002").call
        assert asked is not None
        assert (asked.part, asked.call, asked.caller) == ("consulted", asks.call, "13900000007")
        await desk.calls.hand_over("1001")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        await two_channels(telephone_site)
        assert desk.desk("1001").state == "wrap_up"
        given = desk.desk("1002").call
        assert given is not None
        assert (given.part, given.phase, given.call) == ("owner", "talking", asks.call)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)
        assert running.story(end.call)[7:] == [
            "CallLeftQueue", "TalkBegan", "RecordingStarted", "HoldBegan", "ConsultBegan", "ConsultAnswered",
            "HoldEnded", "TalkEnded", "ConsultEnded", "CallTransferred", "TalkBegan", "RecordingStarted", "TalkEnded",
            "ContactEnded",
        ]  # fmt: skip
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1001", "1002"]
        files = {event.file for event in running.of(feed.RecordingStarted)}
        assert len(files) == 2
        assert all((telephone_site.site.recordings / file).exists() for file in files)
        assert states(running, "1002")[:4] == ["ready", "ringing", "talking", "wrap_up"]
        await silence(telephone_site)


async def test_the_agent_goes_back_to_the_customer(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        await desk.calls.back_to_customer("1001")
        await two_channels(telephone_site)
        call = desk.desk("1001").call
        assert call is not None
        assert (call.phase, call.party, call.hold_since) == ("talking", None, 0.0)
        assert desk.desk("1002").call is None
        await desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert end.by == EndedBy.AGENT
        (consult,) = running.of(feed.ConsultEnded)
        assert consult.result == "cancelled"
        assert len(running.of(feed.TalkBegan)) == len(running.of(feed.TalkEnded)) == 1
        await silence(telephone_site)


@pytest.mark.parametrize(("phone", "result"), [("486 Busy Here", "busy"), ("603 Decline", "declined")])
async def test_a_colleague_who_is_not_reached_leaves_the_choice_to_the_agent(
    telephone_site: SiteUnderTest, tmp_path: Path, phone: str, result: str
) -> None:
    telephone_site.phone("1002", scenarios.phone_rejects(phone))
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await desk.calls.consult("1001", COLLEAGUE)
        await running.until(lambda: bool(running.of(feed.ConsultEnded)))
        call = desk.desk("1001").call
        assert call is not None
        assert call.party is not None
        assert (call.phase, call.party.phase, call.party.result) == ("consulting", "ended", result)
        with pytest.raises(Refused):
            await desk.calls.hand_over("1001")
        await desk.calls.back_to_customer("1001")
        await two_channels(telephone_site)
        await desk.hang_up("1001")
        await running.until_ended(1)
        await silence(telephone_site)


async def test_a_colleague_who_is_busy_cannot_be_asked(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await desk.take_break("1002", "lunch")
        for target in (COLLEAGUE, Target(kind="agent", value="1001"), Target(kind="agent", value="9999"),
                       Target(kind="agent", value="10;02"), Target(kind="planet", value="mars")):  # fmt: skip
            with pytest.raises(PlatformError):
                await desk.calls.consult("1001", target)
        call = desk.desk("1001").call
        assert call is not None
        assert call.phase == "talking"
        assert not running.of(feed.ConsultBegan)


async def test_the_colleague_hangs_up_in_the_consult(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers(hang_up_after=0.3))
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        await running.until(lambda: bool(running.of(feed.ConsultEnded)))
        (ended,) = running.of(feed.ConsultEnded)
        assert ended.result == "party_gone"
        await desk.calls.back_to_customer("1001")
        await two_channels(telephone_site)


async def test_a_customer_who_hangs_up_in_a_consult_ends_it_for_all(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path, hang_up_after=2.5) as (running, desk):
        await consulting(running, desk)
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.CUSTOMER)
        (consult,) = running.of(feed.ConsultEnded)
        assert consult.result == "customer_gone"
        await silence(telephone_site)
        assert {desk.desk(agent).state for agent in ("1001", "1002")} <= {"wrap_up", "ready"}


async def test_an_agent_who_is_gone_in_a_consult_does_not_lose_the_customer(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        channel = channel_of(telephone_site, "1001")
        telephone_site.asterisk.rx(f"channel request hangup {channel}")
        await running.until(lambda: len(running.of(feed.CallOffered)) == 2)
        assert not running.of(feed.ContactEnded)
        assert running.of(feed.ConsultEnded)[0].result == "cancelled"


def channel_of(site: SiteUnderTest, agent: str) -> str:
    rows = (row.split("!") for row in site.asterisk.rx("core show channels concise").splitlines() if "!" in row)
    return next(row[0] for row in rows if row[0].startswith(f"PJSIP/{agent}-"))


async def test_a_blind_transfer_to_a_colleague_keeps_the_place(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await desk.calls.transfer("1001", COLLEAGUE)
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1001", "1002"]
        (transferred,) = running.of(feed.CallTransferred)
        assert (transferred.by, transferred.kind, transferred.target, transferred.blind) == (
            "1001",
            "agent",
            "1002",
            True,
        )
        await two_channels(telephone_site)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)
        assert [event.result for event in running.of(feed.CallLeftQueue)] == ["answered", "answered"]


async def test_a_blind_transfer_to_a_queue(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        with pytest.raises(PlatformError):
            await desk.calls.transfer("1001", Target(kind="queue", value="nowhere"))
        await desk.calls.transfer("1001", Target(kind="queue", value="enquiry"))
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        assert [event.queue for event in running.of(feed.CallQueued)] == ["repair", "enquiry"]
        assert running.of(feed.TalkBegan)[-1].agent == "1002"
        await two_channels(telephone_site)


async def test_all_three_talk_and_the_first_agent_leaves(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        await desk.calls.conference("1001")
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        views = [desk.desk(agent).call for agent in ("1001", "1002")]
        assert [view and (view.phase, view.part) for view in views] == [
            ("conference", "owner"), ("conference", "consulted"),
        ]  # fmt: skip
        await desk.calls.leave_conference("1001")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        await two_channels(telephone_site)
        assert desk.desk("1001").state == "wrap_up"
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert end.by == EndedBy.AGENT
        await silence(telephone_site)


async def test_the_second_party_is_sent_away_from_a_conference(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        await desk.calls.conference("1001")
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        await desk.calls.drop_party("1001")
        await running.until(lambda: bool(running.of(feed.PartyLeft)))
        await two_channels(telephone_site)
        call = desk.desk("1001").call
        assert call is not None
        assert (call.phase, call.party) == ("talking", None)
        await desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert end.by == EndedBy.AGENT
        await silence(telephone_site)


async def test_an_agent_who_is_gone_in_a_conference_leaves_the_customer_with_the_colleague(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        await desk.calls.conference("1001")
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        telephone_site.asterisk.rx(f"channel request hangup {channel_of(telephone_site, '1001')}")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        call = desk.desk("1002").call
        assert call is not None
        assert (call.part, call.phase) == ("owner", "talking")
        await two_channels(telephone_site)
