"""Customers who stay on the line are asked after the talk, on a real Asterisk; what they answered is never lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from benchmarks.korean_speech import OTHER_WORDS, REPAIR, RESERVE, spoken
from crm_core.history import events as feed
from cti import survey
from cti.speech_line import Ears
from ivr.prompts import make_prompts
from ivr.question_prompts import speak
from ivr.recogniser_pool import Recognisers
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import AGENTS, platform
from tests.integration.questions import TEXTS, TwoQuestions
from tests.integration.site import CUSTOMERS, SiteUnderTest, wait_until
from tests.integration.test_first_menu import ShortHum
from tests.integration.test_recovery import each_contact_once, happened, journal, platform_process
from tests.korean_model import korean_model

HOTLINE = "4001718888"
AGREES = (4.0, "1")  # the agent has hung up by then, and the invitation is over or nearly so


@pytest.fixture(scope="session")
def spoken_questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questions")
    make_prompts(folder, tell=lambda _: None, voices=lambda *_: [ShortHum()])
    speak(folder, TEXTS, voices=lambda *_: [ShortHum()])
    return folder


@pytest.fixture
def folder(tmp_path: Path, spoken_questions: Path) -> Path:
    (tmp_path / "prompts").symlink_to(spoken_questions)
    return tmp_path


async def survey_of(
    telephone_site: SiteUnderTest, folder: Path, *keys: tuple[float, str], hang_up_after: float | None = None
) -> tuple[list[tuple[str, int]], list[str], feed.ContactEnded]:
    """The answers, how the round ended, and how the contact did, of a customer whose agent hangs up after a second."""
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=1.0))
    async with platform(telephone_site, folder, surveys=TwoQuestions()) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=keys, hang_up_after=hang_up_after))
        (end,) = await running.until_ended(1, 40)
        answers = [(one.question, one.value) for one in running.of(feed.SurveyAnswered)]
        return answers, [one.result for one in running.of(feed.SurveyEnded)], end


async def test_the_customer_answers_after_the_agent_has_hung_up(telephone_site: SiteUnderTest, folder: Path) -> None:
    answers, ended, contact = await survey_of(telephone_site, folder, AGREES, (2.0, "4"), (2.0, "2"))
    assert answers == [("q1", 4), ("q2", 2)]
    assert ended == ["complete"]
    assert (str(contact.outcome), str(contact.by)) == ("answered", "agent")
    assert telephone_site.log_trouble() == []


async def test_who_hangs_up_in_the_middle_has_said_what_was_said(telephone_site: SiteUnderTest, folder: Path) -> None:
    answers, ended, _ = await survey_of(telephone_site, folder, AGREES, (2.0, "5"), hang_up_after=1.0)
    assert (answers, ended) == ([("q1", 5)], [])


async def test_another_key_at_the_invitation_is_a_no(telephone_site: SiteUnderTest, folder: Path) -> None:
    answers, ended, _ = await survey_of(telephone_site, folder, (4.0, "9"))
    assert (answers, ended) == ([], ["declined"])


async def test_a_key_that_is_no_score_is_asked_again(telephone_site: SiteUnderTest, folder: Path) -> None:
    answers, ended, _ = await survey_of(telephone_site, folder, AGREES, (2.0, "9"), (2.5, "3"), (2.0, "5"))
    assert answers == [("q1", 3), ("q2", 5)]
    assert ended == ["complete"]


async def test_the_agent_is_free_while_the_customer_answers(telephone_site: SiteUnderTest, folder: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=1.0))
    async with platform(telephone_site, folder, surveys=TwoQuestions()) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        keys = (AGREES, (2.0, "4"), (4.0, "2"))
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=keys))
        await running.until(lambda: bool(running.of(feed.SurveyOffered)), 20)
        await running.until(
            lambda: [one.state for one in running.of(feed.AgentStateChanged) if one.agent == "1001"][-1] == "ready"
        )
        assert not running.of(feed.ContactEnded)
        assert running.bridge.desk.desk("1001").call is None
        (offered,) = running.of(feed.SurveyOffered)
        assert (offered.agent, offered.queue, offered.version, offered.questions) == ("1001", "repair", 3, 2)
        await running.until_ended(1, 30)


async def test_a_site_that_asks_nothing_ends_the_call_with_the_agent(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    async with platform(telephone_site, folder) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000001"))
        await running.until_ended(1)
        (talk,) = running.of(feed.TalkEnded)
        (end,) = running.of(feed.ContactEnded)
        assert end.at - talk.at < 1.0
        assert not running.of(feed.SurveyOffered)


async def test_a_kill_between_two_questions_loses_no_answer_and_asks_the_next_one(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    (folder / "two-questions").touch()
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=1.0))
    keys = (AGREES, (2.0, "4"), (14.0, "2"))
    with platform_process(telephone_site, folder, "1001"):
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", keys=keys))
        happened(folder, feed.SurveyAnswered)
    with platform_process(telephone_site, folder, *AGENTS[:1]):
        await asyncio.to_thread(happened, folder, feed.SurveyEnded)
        await asyncio.to_thread(happened, folder, feed.ContactEnded)
    records = journal(folder)
    each_contact_once(records)
    assert [(one.question, one.value) for one in records if isinstance(one, feed.SurveyAnswered)] == [
        ("q1", 4),
        ("q2", 2),
    ]
    assert len([one for one in records if isinstance(one, feed.SurveyOffered)]) == 1
    (end,) = [one for one in records if isinstance(one, feed.ContactEnded)]
    assert str(end.outcome) == "answered"
    wait_until(lambda: telephone_site.channel_in("hl-survey") == "", what="the end of the call")


async def test_the_customer_agrees_and_answers_by_voice_and_may_press_a_key_all_the_same(
    telephone_site: SiteUnderTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one model that a package registry has is Korean: its words stand for "yes" and "four"."""
    monkeypatch.setattr(survey, "AGREEMENT", {"zh-CN": {"1": (REPAIR,)}})
    monkeypatch.setattr(survey, "SCORES", {"zh-CN": {"4": (REPAIR,), "1": (RESERVE,)}})
    ears = Ears(Recognisers({"zh-CN": korean_model()}, others={"zh-CN": OTHER_WORDS}))
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    with Mouth(CUSTOMERS) as mouth:
        async with platform(telephone_site, folder, surveys=TwoQuestions(), ears=ears) as running:
            async with asyncio.timeout(60):
                await ears.recognisers.until_ready("zh-CN")
            await running.bridge.desk.sign_in("1001", ready=True)
            telephone_site.call(HOTLINE, mouth.spoken(scenarios.caller("13900000001")))
            await running.until(lambda: bool(running.of(feed.SurveyOffered)), 20)
            began = running.of(feed.SurveyOffered)[0].at - time.time() + time.monotonic()
            await asyncio.to_thread(wait_until, lambda: len(mouth.loud_since(began)) > 4, 10, "the invitation")
            mouth.say(spoken(REPAIR))
            await asyncio.sleep(1.0)  # the word itself takes longer
            said = time.monotonic()
            await asyncio.to_thread(wait_until, lambda: len(mouth.loud_since(said)) > 4, 10, "the first question")
            mouth.say(spoken(REPAIR))
            await running.until(lambda: bool(running.of(feed.SurveyAnswered)), 20)
            mouth.press("2")
            (end,) = await running.until_ended(1, 40)
            answers = [(one.question, one.value) for one in running.of(feed.SurveyAnswered)]
            ended = [one.result for one in running.of(feed.SurveyEnded)]
    assert (answers, ended, str(end.outcome)) == ([("q1", 4), ("q2", 2)], ["complete"], "answered")
    assert telephone_site.log_trouble() == []
