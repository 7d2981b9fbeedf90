"""Callers who wait on a real Asterisk: what they hear, and how they leave without losing their place."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.model import WayOut
from crm_core.history import events as feed
from crm_core.history.events import Outcome
from cti.kept_places import CallbackRules
from cti.workforce import Workforce
from ivr.prompts import make_prompts
from recording.raw_audio import keep
from tests.integration import scenarios
from tests.integration.platform import Everybody, Platform, platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_dialplan import CUSTOMER_TONE, tone
from tests.integration.test_first_menu import ShortHum
from tests.integration.test_recovery import each_contact_once, happened, platform_process

HOTLINE = "4001718888"
# To be called back, then "yes, at this number"; the question may be cut short.
CALL_ME_BACK = ((1.5, "1"), (1.0, "1"))
QUICKLY = CallbackRules(again_seconds=1.0)


@pytest.fixture(scope="session")
def short_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("short-prompts")
    make_prompts(folder, tell=lambda _: None, voices=lambda *_: [ShortHum()])
    return folder


@pytest.fixture
def folder(tmp_path: Path, short_prompts: Path) -> Path:
    (tmp_path / "prompts").symlink_to(short_prompts)
    return tmp_path


async def booked(running: Platform, callbacks: int = 1) -> None:
    """So many have booked, and have hung up."""
    await running.until(lambda: len(running.of(feed.CallbackBooked)) >= callbacks, 20)
    await running.until(lambda: len(running.of(feed.ContactEnded)) >= callbacks, 20)


async def closed(running: Platform, callbacks: int = 1, seconds: float = 20) -> list[str]:
    await running.until(lambda: len(running.of(feed.CallbackEnded)) >= callbacks, seconds)
    return [end.result for end in running.of(feed.CallbackEnded)]


def outcomes(running: Platform) -> Counter[str]:
    return Counter(str(end.outcome) for end in running.of(feed.ContactEnded))


async def test_who_presses_1_is_called_back_when_the_turn_comes(telephone_site: SiteUnderTest, folder: Path) -> None:
    async with platform(telephone_site, folder) as running:
        telephone_site.phone("1001", scenarios.phone_answers())
        customer = telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=0.5))
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=CALL_ME_BACK))
        await booked(running)
        (kept,) = running.bridge.desk.floor().callbacks
        assert (kept.number, kept.queue, kept.position, kept.attempts) == ("+8613900000001", "repair", 1, 0)
        await running.bridge.desk.sign_in("1001", ready=True)
        assert await closed(running) == ["reached"]
        assert await asyncio.to_thread(customer.wait) == 0
        await running.until_ended(2)
        assert outcomes(running) == {Outcome.CALLBACK: 1, Outcome.REACHED: 1}
        assert [left.result for left in running.of(feed.CallLeftQueue)] == ["callback"]
        (attempt,) = running.of(feed.CallbackAttempted)
        order = [type(record) for record in running.records if getattr(record, "call", "") == attempt.call]
        assert order.index(feed.CallbackAttempted) < order.index(feed.ContactStarted)
        assert not running.bridge.desk.floor().callbacks
        assert telephone_site.log_trouble() == []


async def test_returns_come_in_order_and_never_more_than_agents_are_free(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    async with platform(telephone_site, folder) as running:
        telephone_site.phone("1001", scenarios.phone_answers(), calls=2)
        telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=1.0), calls=2)
        for place, number in enumerate(("13900000001", "13900000002"), start=1):
            telephone_site.call(HOTLINE, scenarios.caller(number, keys=CALL_ME_BACK))
            await running.until(lambda place=place: len(running.of(feed.CallQueued)) == place)
        await booked(running, 2)
        assert [kept.position for kept in running.bridge.desk.floor().callbacks] == [1, 2]
        await running.bridge.desk.sign_in("1001", ready=True)
        assert await closed(running, 2) == ["reached", "reached"]
        called = [start.caller for start in running.of(feed.ContactStarted) if start.direction == "outbound"]
        assert called == ["+8613900000001", "+8613900000002"]
        second = next(i for i, r in enumerate(running.records) if r == running.of(feed.CallbackAttempted)[1])
        first_talk_over = next(i for i, r in enumerate(running.records) if isinstance(r, feed.TalkEnded))
        assert first_talk_over < second


async def test_a_busy_customer_is_tried_again_and_counted_apart_from_who_gave_up(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    async with platform(telephone_site, folder, callbacks=QUICKLY) as running:
        telephone_site.phone("1001", scenarios.phone_answers(), calls=2)
        busy = telephone_site.outside_phone(scenarios.phone_rejects())
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=CALL_ME_BACK))
        await booked(running)
        await running.bridge.desk.sign_in("1001", ready=True)
        await running.until(lambda: bool(running.of(feed.CallbackPostponed)))
        assert await asyncio.to_thread(busy.wait) == 0
        telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=0.5))
        assert await closed(running) == ["reached"]
        assert [attempt.attempt for attempt in running.of(feed.CallbackAttempted)] == [1, 2]
        await running.until_ended(3)
        assert outcomes(running) == {Outcome.CALLBACK: 1, Outcome.NOT_REACHED: 1, Outcome.REACHED: 1}


async def test_a_customer_who_calls_again_is_served_at_the_kept_place(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    async with platform(telephone_site, folder) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=CALL_ME_BACK))
        await booked(running)
        telephone_site.call(HOTLINE, scenarios.caller("13900000002"))
        await running.until(lambda: len(running.of(feed.CallQueued)) == 2)
        telephone_site.call(HOTLINE, scenarios.caller("13900000001"))
        await running.until(lambda: len(running.of(feed.CallQueued)) == 3)
        assert [waiting.caller for waiting in running.bridge.desk.floor().waiting] == ["13900000001", "13900000002"]
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=True)
        assert await closed(running) == ["returned"]
        assert not running.of(feed.CallbackAttempted)


async def test_an_agent_who_becomes_free_while_the_caller_chooses_wins(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    async with platform(telephone_site, folder) as running:
        telephone_site.phone("1001", scenarios.phone_answers())
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=((1.5, "1"),), hang_up_after=6.0))
        await asyncio.to_thread(wait_until, lambda: bool(telephone_site.channel_in("hl-choose")), 10, "the question")
        await running.bridge.desk.sign_in("1001", ready=True)
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        assert not running.of(feed.CallbackBooked)


async def test_a_kill_between_booking_and_return_loses_nothing_and_dials_once(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    with platform_process(telephone_site, folder) as process:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=CALL_ME_BACK))
        await asyncio.to_thread(happened, folder, feed.CallbackBooked)
        process.kill()  # while the caller still hears that the place is kept
        process.wait()
    await asyncio.to_thread(wait_until, telephone_site.asterisk.at_rest, 10, "rest") if not telephone_site.channel_in(
        "hl-wait"
    ) else telephone_site.hang_up_everything()
    telephone_site.phone("1001", scenarios.phone_answers())
    customer = telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=0.5))
    async with platform(telephone_site, folder) as running:
        assert len(running.bridge.desk.floor().callbacks) == 1
        await running.bridge.desk.sign_in("1001", ready=True)
        assert await closed(running) == ["reached"]
        await running.until_ended(2)
        assert len(running.of(feed.CallbackAttempted)) == 1
        assert outcomes(running) == {Outcome.CALLBACK: 1, Outcome.REACHED: 1}
        each_contact_once(running.records)
    assert await asyncio.to_thread(customer.wait) == 0


async def test_a_kill_during_the_attempt_does_not_call_the_customer_twice(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    with platform_process(telephone_site, folder, "1001") as process:
        telephone_site.phone("1002", scenarios.phone_answers())
        telephone_site.call(HOTLINE, scenarios.caller("13900000009"))
        await asyncio.to_thread(happened, folder, feed.TalkBegan)
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=CALL_ME_BACK))
        await asyncio.to_thread(happened, folder, feed.ContactEnded)
        process.kill()
        process.wait()
    customer = telephone_site.outside_phone(scenarios.phone_answers(ring=2.0, hang_up_after=1.0))
    with platform_process(telephone_site, folder, "1002") as process:
        await asyncio.to_thread(happened, folder, feed.CallbackAttempted)
        await asyncio.to_thread(
            wait_until, lambda: bool(telephone_site.channel_in("hl-out")), 10, "the customer's phone"
        )
        process.kill()
        process.wait()
    async with platform(telephone_site, folder) as running:
        assert await closed(running) == ["reached"]
        assert len(running.of(feed.CallbackAttempted)) == 1
        each_contact_once(running.records)
    assert await asyncio.to_thread(customer.wait) == 0


async def test_a_message_is_left_by_key_2(telephone_site: SiteUnderTest, folder: Path) -> None:
    audio = tone(telephone_site.folder, CUSTOMER_TONE)
    async with platform(telephone_site, folder) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=((1.5, "2"), (6.0, "#")), audio=audio))
        (end,) = await running.until_ended(1, 25)
        assert end.outcome == Outcome.VOICEMAIL
        (message,) = running.of(feed.VoiceMessageLeft)
        assert (message.caller, message.queue) == ("13900000001", "repair")
        assert [left.result for left in running.of(feed.CallLeftQueue)] == ["voicemail"]
        kept = keep(telephone_site.site.recordings / message.file)
        assert kept is not None
        samples, rate = soundfile.read(kept.path)
        assert kept.seconds > 2
        assert np.abs(np.fft.rfft(samples[rate : 2 * rate, 0])).argmax() == CUSTOMER_TONE
        assert telephone_site.log_trouble() == []


async def test_the_place_and_the_wait_are_told_and_the_place_is_kept(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    told = Everybody(first_announcement_seconds=1, announce_every_seconds=2)
    async with platform(telephone_site, folder, workforce=told) as running:
        for place, number in enumerate(("13900000001", "13900000002"), start=1):
            telephone_site.call(HOTLINE, scenarios.caller(number))
            await running.until(lambda place=place: len(running.of(feed.CallQueued)) == place)
        before = running.bridge.desk.floor().waiting
        announced = {contact.call: contact for contact in running.bridge.runtime.switchboard.book.contacts.values()}
        await asyncio.to_thread(
            wait_until, lambda: all(contact.announced >= 2 for contact in announced.values()), 15, "announcements"
        )
        assert [w.caller for w in running.bridge.desk.floor().waiting] == [w.caller for w in before]
        assert len(running.of(feed.CallQueued)) == 2
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=True)
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        assert running.of(feed.TalkBegan)[0].call == before[0].call
        assert telephone_site.log_trouble() == []


async def test_a_full_queue_takes_a_message_instead(telephone_site: SiteUnderTest, folder: Path) -> None:
    audio = tone(telephone_site.folder, CUSTOMER_TONE)
    small = Everybody(most_waiting=1, when_full=WayOut.VOICEMAIL)
    async with platform(telephone_site, folder, workforce=small) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001"))
        await running.until(lambda: len(running.of(feed.CallQueued)) == 1)
        telephone_site.call(HOTLINE, scenarios.caller("13900000002", hang_up_after=7.0, audio=audio))
        (end,) = await running.until_ended(1, 20)
        assert end.outcome == Outcome.VOICEMAIL
        assert [message.caller for message in running.of(feed.VoiceMessageLeft)] == ["13900000002"]
        assert [waiting.caller for waiting in running.bridge.desk.floor().waiting] == ["13900000001"]


async def test_who_has_waited_too_long_is_offered_a_callback(telephone_site: SiteUnderTest, folder: Path) -> None:
    patient = Everybody(longest_wait_seconds=2, when_too_long=WayOut.CALLBACK)
    async with platform(telephone_site, folder, workforce=patient) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=((5.0, "1"),)))
        (end,) = await running.until_ended(1, 25)
        assert end.outcome == Outcome.CALLBACK
        assert len(running.bridge.desk.floor().callbacks) == 1


async def test_who_does_not_want_the_callback_of_a_full_queue_may_leave_a_message(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    audio = tone(telephone_site.folder, CUSTOMER_TONE)
    patient = Everybody(longest_wait_seconds=1, when_too_long=WayOut.CALLBACK)
    async with platform(telephone_site, folder, workforce=patient) as running:
        customer = scenarios.caller("13900000001", keys=((5.0, "*"),), hang_up_after=6.0, audio=audio)
        telephone_site.call(HOTLINE, customer)
        (end,) = await running.until_ended(1, 25)
        assert end.outcome == Outcome.VOICEMAIL
        assert not running.of(feed.CallbackBooked)


async def test_a_closed_queue_says_goodbye_and_is_counted_as_closed(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    shut = Everybody(is_open_for_calls=False, when_full=WayOut.GOODBYE, when_too_long=WayOut.GOODBYE)
    async with platform(telephone_site, folder, workforce=shut) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001"))
        (end,) = await running.until_ended(1, 20)
        assert end.outcome == Outcome.OUT_OF_HOURS
        assert not running.bridge.desk.floor().waiting


class WithoutCallbacks(Everybody):
    """The administrator has switched callbacks off for repairs."""

    async def current(self) -> Workforce:
        return replace(await super().current(), not_offered={"repair": frozenset({"callback"})})


async def test_a_queue_that_offers_no_callback_keeps_who_asks_for_one_in_line(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    async with platform(telephone_site, folder, workforce=WithoutCallbacks()) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=((1.5, "1"),)))
        await running.until(lambda: len(running.of(feed.CallQueued)) == 1)
        (contact,) = running.bridge.runtime.switchboard.book.contacts.values()
        await asyncio.to_thread(wait_until, lambda: contact.choosing, 10, "the key is heard")
        await asyncio.to_thread(wait_until, lambda: not contact.choosing, 10, "back in the music")
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=True)
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        assert running.of(feed.CallbackBooked) == []
        assert len(running.of(feed.CallQueued)) == 1
        assert telephone_site.log_trouble() == []
