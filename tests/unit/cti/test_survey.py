"""What a customer says or presses after the call becomes a score, or is asked once more by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from crm_core.history.events import HistoryEvent, SurveyAnswered, SurveyEnded
from cti.survey import AskedQuestion, Questions, SurveyDesk, serve_survey
from ivr.hearing import meant, phrases_of
from ivr.line import NOT_UNDERSTOOD, Heard
from ivr.phrases import meant as phrase_meant
from ivr.questions import Words
from ivr.scores import AGREEMENT, SCORES

TALK = ("c1", "c1-1", "1001", "repair", "en", "", "")  # as hl-survey tells it


@dataclass
class Session:
    """The channel of a customer whose agent has hung up."""

    variables: dict[str, str] = field(
        default_factory=lambda: {f"agi_arg_{place}": value for place, value in enumerate(TALK, start=1)}
    )

    async def get_variable(self, name: str) -> str:
        return ""

    async def set_variable(self, name: str, value: str) -> None:
        return None

    async def stream_file(self, path: str, keys: str = "") -> str:
        return ""


class Line:
    """Answers by turns; `asked` is what was played, by "voice" or by "key"."""

    def __init__(self, *answers: str | Heard, hears: bool = True) -> None:
        self._answers, self._hears, self.asked = list(answers), hears, list[tuple[str, tuple[str, ...]]]()

    def hears(self, language: str) -> bool:
        return self._hears

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        raise AssertionError

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        self.asked.append(("key", prompts))
        answer = self._answers.pop(0)
        return answer if isinstance(answer, str) else answer.keys

    async def listen(self, prompts: tuple[str, ...], language: str, **how: Any) -> Heard:
        self.asked.append(("voice", prompts))
        answer = self._answers.pop(0)
        return Heard(keys=answer) if isinstance(answer, str) else answer


class Source:
    async def chosen(self, call: str, queue: str, language: str, matches: tuple[int, ...]) -> Questions | None:
        return Questions(version=1, asked=(AskedQuestion(id="q1", prompt="said-1"),))

    async def version(self, queue: str, number: int, language: str) -> Questions | None:
        return await self.chosen("", queue, language, ())


class Folder:
    def path(self, prompt: str, language: str) -> str:
        return prompt


async def round_of(line: Line) -> tuple[list[int], list[str]]:
    """The scores, and how the round ended."""
    told: list[HistoryEvent] = []
    parts: dict[str, Any] = {"source": Source(), "prompts": Folder(), "line": lambda *_: line}
    session: Any = Session()
    await serve_survey(session, SurveyDesk(**parts, publish=told.append, clock=lambda: 1.0))
    scores = [event.value for event in told if isinstance(event, SurveyAnswered)]
    return scores, [event.result for event in told if isinstance(event, SurveyEnded)]


def said(words: str, confidence: float = 0.9) -> Heard:
    return Heard(words=words, confidence=confidence)


async def test_a_yes_and_a_number_are_said() -> None:
    line = Line(said("yes"), said("four"))
    assert await round_of(line) == ([4], ["complete"])
    assert line.asked == [("voice", ("survey-intro-say",)), ("voice", ("said-1", "survey-scale-say"))]


async def test_without_a_recogniser_all_is_asked_by_keys() -> None:
    line = Line("1", "5", hears=False)
    assert await round_of(line) == ([5], ["complete"])
    assert line.asked == [("key", ("survey-intro",)), ("key", ("said-1", "survey-scale"))]


@pytest.mark.parametrize("unclear", [said(NOT_UNDERSTOOD), said("four", 0.4), said("the weather")])
async def test_what_is_not_clear_is_never_counted_and_asked_once_more_by_key(unclear: Heard) -> None:
    line = Line(unclear, "1", unclear, "2")
    assert await round_of(line) == ([2], ["complete"])
    assert line.asked[1] == ("key", ("survey-intro",))
    assert line.asked[3] == ("key", ("survey-again", "said-1"))


@pytest.mark.parametrize(
    ("answers", "result"), [((said("no"),), "declined"), (("",), "declined"), (("1", "", ""), "silent")]
)
async def test_a_no_and_silence_end_it(answers: tuple[str | Heard, ...], result: str) -> None:
    assert await round_of(Line(*answers)) == ([], [result])


@pytest.mark.parametrize("words", [SCORES, AGREEMENT])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_each_phrase_means_its_own_key_in_both_languages(words: Words, language: str) -> None:
    for key, phrases in words[language].items():
        for phrase in phrases:
            heard, alike = phrase_meant(phrase, phrases_of(words, language))
            assert (heard, alike) == (phrase, 1.0)
            assert meant(words, language, heard) == key


@pytest.mark.parametrize(("heard", "score"), [("五分", "5"), ("我打五分", "5"), ("两分", "2"), ("四", "4")])
def test_a_score_within_a_sentence_is_found(heard: str, score: str) -> None:
    assert meant(SCORES, "zh-CN", heard) == score
