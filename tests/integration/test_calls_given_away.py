"""Outside parties, parking, messages and keys on a real Asterisk; also for calls that we made."""

from __future__ import annotations

import asyncio
import re
import time
import wave
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
from tests.integration.site import CUSTOMERS, SiteUnderTest, wait_until
from tests.integration.test_call_control import COLLEAGUE, a_talk, channel_of, consulting, silence, two_channels

NUMBER = Target(kind="number", value="138 1234 5678")


@asynccontextmanager
async def an_outgoing_talk(
    site: SiteUnderTest, folder: Path, customer: str = ""
) -> AsyncIterator[tuple[Platform, Desk, str]]:
    """1001 has called a customer and talks; 1002 is ready."""
    async with platform(site, folder) as running:
        desk = running.bridge.desk
        site.phone("1001", scenarios.phone_answers())
        site.outside_phone(customer or scenarios.phone_answers())
        await desk.sign_in("1001", ready=True)
        call = await desk.dial("1001", "13812345678")
        await running.until(lambda: bool(running.of(feed.RecordingStarted)))
        await desk.sign_in("1002", ready=True)
        yield running, desk, call


async def test_a_call_we_made_is_handed_over(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with an_outgoing_talk(telephone_site, tmp_path) as (running, desk, call):
        await consulting(running, desk)
        await desk.calls.hand_over("1001")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        await two_channels(telephone_site)
        given = desk.desk("1002").call
        assert given is not None
        assert (given.call, given.direction, given.caller, given.phase) == (
            call,
            "outbound",
            "+8613812345678",
            "talking",
        )
        assert not running.of(feed.ContactEnded)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert (end.call, end.outcome, end.by) == (call, Outcome.REACHED, EndedBy.AGENT)
        await silence(telephone_site)


async def test_a_customer_we_called_and_their_agent_talk_again_after_a_consult(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with an_outgoing_talk(telephone_site, tmp_path) as (running, desk, _):
        await consulting(running, desk)
        await desk.calls.back_to_customer("1001")
        await two_channels(telephone_site)
        await desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.REACHED, EndedBy.AGENT)
        await silence(telephone_site)


async def test_a_call_we_made_goes_to_a_queue(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with an_outgoing_talk(telephone_site, tmp_path) as (running, desk, call):
        await desk.calls.transfer("1001", Target(kind="queue", value="enquiry"))
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        assert running.of(feed.TalkBegan)[-1].agent == "1002"
        assert running.of(feed.RecordingStarted)[-1].leg == running.of(feed.TalkBegan)[-1].leg
        await two_channels(telephone_site)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert (end.call, end.outcome) == (call, Outcome.REACHED)


async def test_a_customer_is_put_through_to_an_outside_number(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=0.5))
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        for denied in ("110", "+44 20 7946 0000", "x"):
            with pytest.raises(PlatformError):
                await desk.calls.transfer("1001", Target(kind="number", value=denied))
        await desk.calls.transfer("1001", NUMBER)
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        assert desk.desk("1001").state == "wrap_up"
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        (talk,) = running.of(feed.TalkEnded)
        (joined,) = running.of(feed.PartyJoined)
        assert (talk.agent, joined.kind) == ("1001", "number")
        assert talk.at <= joined.at
        await silence(telephone_site)


async def test_a_number_that_does_not_answer_gives_the_customer_back_to_the_queue(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rejects())
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await desk.calls.transfer("1001", NUMBER)
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 2)
        assert running.of(feed.TalkBegan)[-1].agent == "1002"
        assert not running.of(feed.ContactEnded)


async def test_an_outside_number_is_asked_and_gets_the_customer(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=1.5))
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk, NUMBER)
        await desk.calls.hand_over("1001")
        await two_channels(telephone_site)
        assert desk.desk("1001").state == "wrap_up"
        await running.until_ended(1)
        assert len(running.of(feed.RecordingStarted)) == 1
        await silence(telephone_site)


async def test_a_conference_with_an_outside_number_shrinks_to_the_two(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk, NUMBER)
        await desk.calls.conference("1001")
        await running.until(lambda: bool(running.of(feed.PartyJoined)))
        telephone_site.asterisk.rx(f"channel request hangup {channel_of(telephone_site, '1001')}")
        await running.until(lambda: bool(running.of(feed.CallTransferred)))
        await two_channels(telephone_site)
        assert not running.of(feed.ContactEnded)


async def test_a_parked_call_is_picked_up_by_the_quicker_one(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        slot = await desk.calls.park("1001")
        (parked,) = desk.floor().parked
        assert (parked.slot, parked.agent, parked.caller) == (slot, "1001", "13900000007")
        with pytest.raises(Refused):
            await desk.calls.pick_up("1002", "P9")
        await desk.sign_in("1003", ready=True)
        results = await asyncio.gather(
            *(desk.calls.pick_up(agent, slot) for agent in ("1002", "1003")), return_exceptions=True
        )
        assert [type(result).__name__ for result in results] == ["NoneType", "PickedUpAlready"]
        await running.until(lambda: bool(running.of(feed.CallPickedUp)))
        await two_channels(telephone_site)
        assert not desk.floor().parked
        assert desk.desk("1003").state == "ready"
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1001", "1002"]
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)


async def test_a_parked_call_whose_phone_is_not_answered_is_parked_again(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_rejects())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        slot = await desk.calls.park("1001")
        await desk.calls.pick_up("1002", slot)
        await running.until(lambda: bool(running.of(feed.OfferEnded)))
        await asyncio.to_thread(wait_until, lambda: bool(telephone_site.channel_in("hl-park")))
        assert [parked.slot for parked in desk.floor().parked] == [slot]
        assert desk.desk("1002").call is None


async def test_a_call_that_is_parked_too_long_comes_back_to_who_parked_it(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_rejects())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        slot = await desk.calls.park("1001")
        await asyncio.to_thread(wait_until, lambda: bool(telephone_site.channel_in("hl-park")))
        customer = telephone_site.channel_in("hl-park")
        telephone_site.phone("1001", scenarios.phone_answers())
        long_ago = int(time.time()) - 200
        telephone_site.asterisk.rx(f"dialplan set chanvar {customer} HL_PARKED {long_ago}")
        await desk.calls.pick_up("1002", slot)
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 2)
        assert not desk.floor().parked
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1001", "1001"]
        assert len(running.of(feed.CallQueued)) == 2


async def test_a_message_is_left_and_the_agent_goes_on(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    message = tmp_path / "prompts" / "zh-CN" / "message-call-again.wav"
    message.parent.mkdir(parents=True)
    with wave.open(str(message), "wb") as out:
        out.setparams((1, 2, 8_000, 0, "NONE", ""))
        out.writeframes(bytes(16_000))
    async with an_outgoing_talk(telephone_site, tmp_path) as (running, desk, call):
        with pytest.raises(PlatformError):
            await desk.calls.drop_message("1001", "../../etc/passwd")
        await desk.calls.drop_message("1001", "call_again")
        assert desk.desk("1001").state == "wrap_up"
        (end,) = await running.until_ended(1)
        (dropped,) = running.of(feed.MessageDropped)
        assert (end.call, end.outcome, end.by, dropped.message) == (call, Outcome.REACHED, EndedBy.AGENT, "call_again")
        assert end.at - dropped.at >= 0.9
        await silence(telephone_site)


async def test_a_customer_we_called_is_kept_when_the_agents_phone_falls_silent(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    """The desk phone of the test sends no audio at all, as a browser that has gone."""
    async with an_outgoing_talk(telephone_site, tmp_path) as (running, desk, call):
        await desk.sign_out("1002")
        running.bridge.runtime.lost_phones.unregistered("1001")
        await asyncio.to_thread(wait_until, lambda: bool(telephone_site.channel_in("hl-lost")))
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 2)
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1001", "1001"]
        assert not running.of(feed.ContactEnded)
        await two_channels(telephone_site)
        await desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert (end.call, end.outcome) == (call, Outcome.REACHED)


async def test_keys_are_sent_to_the_other_side(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    rx = telephone_site.asterisk.rx
    rx("logger add channel keys verbose(1)")
    rx("rtp set debug on")
    try:
        async with a_talk(telephone_site, tmp_path) as (_, desk):
            with pytest.raises(PlatformError):
                await desk.calls.send_digits("1001", "12\r\nAction: Hangup")
            await desk.calls.send_digits("1001", "42")
            log = telephone_site.site.message_log.with_name("keys")
            await asyncio.to_thread(wait_until, lambda: len(keys_sent_to_the_customer(log)) == 2)
    finally:
        rx("rtp set debug off")
        rx("logger remove channel keys")


def keys_sent_to_the_customer(log: Path) -> set[str]:
    """The RTP times at which a key began, one for each key."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return set(re.findall(rf"Sent RTP DTMF packet to {CUSTOMERS}:\d+ \(type \d+, seq \d+, (ts \d+)", text))


async def test_an_agent_cannot_dial_without_end(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        for _ in range(6):
            telephone_site.outside_phone(scenarios.phone_rejects())
            ended = len(running.of(feed.ConsultEnded))
            await desk.calls.consult("1001", NUMBER)
            await running.until(lambda ended=ended: len(running.of(feed.ConsultEnded)) > ended)
        with pytest.raises(Refused):
            await desk.calls.consult("1001", NUMBER)
        assert len(running.of(feed.ConsultBegan)) == 6


async def test_a_colleague_is_asked_in_a_call_we_made_and_is_not_there(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_rejects())
    async with an_outgoing_talk(telephone_site, tmp_path) as (running, desk, _):
        await desk.calls.consult("1001", COLLEAGUE)
        await running.until(lambda: bool(running.of(feed.ConsultEnded)))
        slot = await desk.calls.park("1001")
        assert [parked.slot for parked in desk.floor().parked] == [slot]
        await asyncio.to_thread(wait_until, lambda: bool(telephone_site.channel_in("hl-park")))
