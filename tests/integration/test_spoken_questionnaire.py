"""A questionnaire is answered by voice, on a real Asterisk with the real recogniser.

The Korean model stands in for the English one, which no package registry has; the options' English words are Korean.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.korean_speech import OTHER_WORDS, REPAIR, RESERVE, spoken
from crm_core.history import campaign_events as told
from crm_core.questionnaires.questions import Content, Kind, Option, Question, Words
from crm_core.questionnaires.saying import sentences
from cti.speech_line import Ears
from ivr.prompts import make_prompts
from ivr.question_prompts import speak
from ivr.recogniser_pool import Recognisers
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import platform
from tests.integration.questionnaires import ShortQuestionnaire
from tests.integration.site import CUSTOMERS, SiteUnderTest
from tests.integration.test_campaign_line import end_of, order
from tests.integration.test_first_menu import ShortHum
from tests.korean_model import korean_model

OPTIONS = (Option(id="mend", words=Words("维修", REPAIR)), Option(id="keep", words=Words("预约", RESERVE)))
CONTENT = Content(
    greeting=Words("您好，这里是远辰汽车。", "Hello, this is Yuanchen Motors."),
    thanks=Words("谢谢。", "Thank you."),
    questions=tuple(
        Question(id=name, kind=Kind.CHOICE, words=Words("为什么来店？", "What did you come for?"), options=OPTIONS)
        for name in ("first", "then")
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_prompts(tmp_path / "prompts", tell=lambda _: None, voices=lambda *_: [ShortHum()])
    speak(tmp_path / "prompts", sentences(CONTENT), voices=lambda *_: [ShortHum()])
    return tmp_path


async def test_a_customer_answers_by_voice_and_by_key_as_comes_naturally(
    telephone_site: SiteUnderTest, folder: Path
) -> None:
    ears = Ears(Recognisers({"en": korean_model()}, others={"en": OTHER_WORDS}))
    with Mouth(CUSTOMERS) as mouth:
        telephone_site.outside_phone(mouth.spoken(scenarios.phone_answers(ring=0.1)))
        async with platform(telephone_site, folder, ears=ears, questionnaires=ShortQuestionnaire(CONTENT)) as running:
            async with asyncio.timeout(60):
                await ears.recognisers.until_ready("en")
            one = order(queue="", questionnaire=5, language="en")
            await running.bridge.campaign_line.place(one)
            await running.until(lambda: bool(running.of(told.AttemptAnswered)))
            assert await asyncio.to_thread(mouth.prompt_again, 10.0)
            mouth.press("1")
            await running.until(lambda: bool(running.of(told.ResponseBegan)))
            assert await asyncio.to_thread(mouth.prompt_again, 10.0)
            mouth.say(spoken(RESERVE))
            await running.until(lambda: bool(running.of(told.ResponseAnswered)))
            assert await asyncio.to_thread(mouth.prompt_again, 10.0)
            mouth.press("1")
            end = await end_of(running, one, 30)
            heard = [(event.question, event.choice, event.how) for event in running.of(told.ResponseAnswered)]
            assert heard == [("first", "keep", "voice"), ("then", "mend", "key")]
            assert end.result == "answered_by_voice"
    assert telephone_site.log_trouble() == []
