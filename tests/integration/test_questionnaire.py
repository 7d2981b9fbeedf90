"""A campaign that asks without an agent, on a real Asterisk: by key, in both languages, with a spoken comment."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from benchmarks.korean_speech import quiet, spoken
from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from crm_core.questionnaires.saying import sentences
from cti.campaign_ports import DialOrder
from ivr.prompts import make_prompts
from ivr.question_prompts import speak
from recording.raw_audio import keep
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import Platform, platform
from tests.integration.questionnaires import CONTENT, ShortQuestionnaire
from tests.integration.site import CUSTOMERS, SiteUnderTest
from tests.integration.test_campaign_line import end_of, order
from tests.integration.test_first_menu import ShortHum
from tests.integration.test_recovery import each_contact_once, happened, journal, platform_process


@pytest.fixture(scope="session")
def spoken_sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questionnaire")
    make_prompts(folder, tell=lambda _: None, voices=lambda *_: [ShortHum()])
    speak(folder, sentences(CONTENT), voices=lambda *_: [ShortHum()])
    return folder


@pytest.fixture
def folder(tmp_path: Path, spoken_sentences: Path) -> Path:
    (tmp_path / "prompts").symlink_to(spoken_sentences)
    return tmp_path


def by_voice(**more: Any) -> DialOrder:
    return order(queue="", questionnaire=5, **more)


async def answers(site: SiteUnderTest, folder: Path, one: DialOrder, *steps: Callable[[Mouth], None]) -> Platform:
    """The customer does one step at each prompt; the platform's records when the call is over."""
    with Mouth(CUSTOMERS) as mouth:
        site.outside_phone(mouth.spoken(scenarios.phone_answers(ring=0.1)))
        async with platform(site, folder, questionnaires=ShortQuestionnaire()) as running:
            await running.bridge.campaign_line.place(one)
            await running.until(lambda: bool(running.of(told.AttemptAnswered)))
            for step in steps:
                assert await asyncio.to_thread(mouth.prompt_again, 10.0)
                step(mouth)
                await asyncio.sleep(0.4)  # the key's own time
            await end_of(running, one, 40)
            return running


def key(sign: str) -> Callable[[Mouth], None]:
    def press(mouth: Mouth) -> None:
        for each in sign:
            mouth.press(each)

    return press


def given(records: Sequence[object]) -> list[tuple[str, int, str, str]]:
    return [(one.question, one.value, one.choice, one.how) for one in records if isinstance(one, told.ResponseAnswered)]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_question_is_answered_by_key(telephone_site: SiteUnderTest, folder: Path, language: str) -> None:
    keys = ("1", "5", "1", "2", "10#")
    running = await answers(telephone_site, folder, by_voice(language=language), *map(key, keys))
    assert given(running.records) == [
        ("all", 5, "", "key"),
        ("again", 1, "", "key"),
        ("who", -1, "other", "key"),
        ("friends", 10, "", "key"),
    ]
    (began,), (ended,) = running.of(told.ResponseBegan), running.of(told.ResponseEnded)
    assert (began.questionnaire, began.version, began.language, began.campaign) == (5, 3, language, 7)
    assert (ended.result, ended.opted_out) == ("complete", False)
    (end,) = running.of(told.AttemptEnded)
    assert end.result == "answered_by_voice"
    assert telephone_site.log_trouble() == []


async def test_a_bad_rating_leads_to_a_spoken_reason_that_is_kept(telephone_site: SiteUnderTest, folder: Path) -> None:
    def explain(mouth: Mouth) -> None:
        mouth.say(quiet(1.5) + spoken("the brakes are very loud", "en") + quiet(0.5))

    steps = [key("1"), key("2"), explain, key("1"), key("2"), key("1"), key("0#")]
    running = await answers(telephone_site, folder, by_voice(language="en"), *steps)
    reason = next(one for one in running.of(told.ResponseAnswered) if one.question == "why")
    assert (reason.how, reason.value) == ("voice", -1)
    sound = telephone_site.site.recordings / reason.sound
    assert sound.stat().st_size > 16_000, "a second of sound at least"
    recorded = {one.leg.removeprefix(one.call): one for one in running.of(feed.RecordingStarted)}
    assert set(recorded) == {"-q", "-why-1"}  # the whole, from the greeting on, and the comment
    assert {one.agent for one in recorded.values()} == {feed.OF_QUESTIONS}
    whole = keep(telephone_site.site.recordings / recorded["-q"].file)
    assert whole is not None
    customer, machine = soundfile.read(whole.path)[0].T
    assert np.abs(customer).max() > 0.1, "the customer is left"
    assert np.abs(machine).max() > 0.1
    assert whole.seconds > 8
    assert [one[0] for one in given(running.records)] == ["all", "why", "again", "who", "friends"]
    assert running.of(told.ResponseEnded)[0].result == "complete"


@pytest.mark.parametrize("when", ["at the greeting", "at a question"])
async def test_nine_means_no_more_calls(telephone_site: SiteUnderTest, folder: Path, when: str) -> None:
    steps = [key("9")] if when == "at the greeting" else [key("1"), key("9")]
    running = await answers(telephone_site, folder, by_voice(), *steps)
    (ended,) = running.of(told.ResponseEnded)
    assert (ended.result, ended.opted_out) == ("declined", True)
    assert given(running.records) == []


async def test_who_finds_it_inconvenient_is_asked_nothing(telephone_site: SiteUnderTest, folder: Path) -> None:
    running = await answers(telephone_site, folder, by_voice(), key("2"))
    (ended,) = running.of(told.ResponseEnded)
    assert (ended.result, ended.opted_out) == ("declined", False)
    assert not running.of(told.ResponseBegan)
    assert running.of(told.AttemptEnded)[0].result == "answered_by_voice"


async def test_who_says_nothing_has_neither_agreed_nor_declined(telephone_site: SiteUnderTest, folder: Path) -> None:
    running = await answers(telephone_site, folder, by_voice())
    assert not running.of(told.ResponseBegan)
    assert not running.of(told.ResponseEnded)
    assert running.of(told.AttemptEnded)[0].result == "hung_up"


async def test_a_questionnaire_that_cannot_be_asked_leaves_a_word_of_who_called(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    running = await answers(telephone_site, folder, order(queue="", questionnaire=6))
    assert running.of(told.AttemptEnded)[0].result == "dropped"


async def test_a_kill_between_two_questions_asks_the_next_one(telephone_site: SiteUnderTest, folder: Path) -> None:
    one = by_voice()
    (folder / "orders.pickle").write_bytes(pickle.dumps([one]))
    with Mouth(CUSTOMERS) as mouth:
        telephone_site.outside_phone(mouth.spoken(scenarios.phone_answers(ring=0.1)))
        with platform_process(telephone_site, folder, "1001"):
            await asyncio.to_thread(happened, folder, told.AttemptAnswered)
            for sign in ("1", "4"):
                assert await asyncio.to_thread(mouth.prompt_again, 10.0)
                mouth.press(sign)
                await asyncio.sleep(0.4)
            await asyncio.to_thread(happened, folder, told.ResponseAnswered)
            await asyncio.sleep(0.3)  # until the way so far stands on the channel
        (folder / "orders.pickle").unlink()
        with platform_process(telephone_site, folder, "1001"):
            for number, sign in enumerate(("1", "1", "7#"), start=2):
                while len([event for event in journal(folder) if isinstance(event, told.ResponseAnswered)]) < number:
                    mouth.press(sign[0])
                    for more in sign[1:]:
                        mouth.press(more)
                    await asyncio.sleep(1.5)
            await asyncio.to_thread(happened, folder, told.AttemptEnded)
    records = journal(folder)
    each_contact_once(records)
    assert given(records)[0][:2] == ("all", 4)
    assert [name for name, *_ in given(records)] == ["all", "again", "who", "friends"]
    assert len([event for event in records if isinstance(event, told.ResponseBegan)]) == 1
    (end,) = [event for event in records if isinstance(event, told.AttemptEnded)]
    assert end.result == "answered_by_voice"
    assert len([event for event in records if isinstance(event, feed.ContactEnded)]) == 1
