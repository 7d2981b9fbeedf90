"""Machine detection: humans get an agent, machines a message, and a human who was taken for a machine comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.korean_speech import mu_law, quiet, spoken
from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from cti.campaign_line import NotAnOrder
from ivr.telephone_audio import write_sound
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_campaign_line import end_of, order

GREETING = "Hello, you have reached the mailbox of the Wang family. We are not at home now. Please leave a message."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a message for machines of six seconds."""
    hum = 0.2 * np.sin(2 * np.pi * 440 * np.arange(6 * 8_000) / 8_000)
    (tmp_path / "prompts" / "zh-CN").mkdir(parents=True)
    write_sound(tmp_path / "prompts" / "zh-CN" / "campaign-machine.wav", hum)
    return tmp_path


def said(folder: Path, name: str, *parts: bytes) -> Path:
    path = folder / f"{name}.ul"
    path.write_bytes(mu_law(b"".join(parts)))
    return path


def human(folder: Path) -> str:
    sound = said(folder, "human", quiet(0.4), spoken("hello", "en"), quiet(20))
    return scenarios.phone_answers(ring=0.1, audio=sound)


def machine(folder: Path) -> str:
    sound = said(folder, "machine", quiet(0.3), spoken(GREETING, "en"), quiet(20))
    return scenarios.phone_answers(ring=0.1, audio=sound)


async def test_a_human_gets_an_agent(telephone_site: SiteUnderTest, folder: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.outside_phone(human(folder))
    async with platform(telephone_site, folder) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order(detect_machines=True)
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one)).result == "answered"
        assert [event.machine for event in running.of(told.AttemptAnswered)] == ["human"]


async def test_a_machine_hears_a_message_and_takes_no_agent(telephone_site: SiteUnderTest, folder: Path) -> None:
    telephone_site.outside_phone(machine(folder))
    async with platform(telephone_site, folder) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order(detect_machines=True)
        await running.bridge.campaign_line.place(one)
        end = await end_of(running, one, 30)
        (answered,) = running.of(told.AttemptAnswered)
        assert (end.result, answered.machine) == ("machine", "machine")
        assert end.at - answered.at > 5, "hung up without the message"
        assert not running.of(feed.CallOffered)
    assert telephone_site.log_trouble() == []


async def test_a_human_taken_for_a_machine_who_speaks_up_is_given_to_an_agent(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    first, then = spoken("hello this is the office of mister Wang", "en"), spoken("yes hello I am here", "en")
    talkative = said(folder, "talkative", quiet(0.3), first, quiet(2.0), then, quiet(20))
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1, audio=talkative))
    async with platform(telephone_site, folder) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order(detect_machines=True)
        await running.bridge.campaign_line.place(one)
        end = await end_of(running, one, 20)
        assert [event.machine for event in running.of(told.AttemptAnswered)] == ["machine"]
        assert end.result == "answered"


async def test_a_campaign_that_grants_a_longer_greeting_takes_the_same_person_for_a_person(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    first = spoken("hello this is the office of mister Wang", "en")
    talkative = said(folder, "talkative", quiet(0.3), first, quiet(20))
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1, audio=talkative))
    async with platform(telephone_site, folder) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order(detect_machines=True, detection=(2500, 5000, 500, 9000, 100, 50, 20, 256, 8000))
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one, 25)).result == "answered"
        assert [event.machine for event in running.of(told.AttemptAnswered)] == ["human"]


async def test_numbers_that_machine_detection_must_not_be_given_dial_nobody(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    async with platform(telephone_site, folder) as running:
        with pytest.raises(NotAnOrder):
            await running.bridge.campaign_line.place(order(detect_machines=True, detection=(2500, 1500)))
        assert not running.of(told.AttemptPlaced)
