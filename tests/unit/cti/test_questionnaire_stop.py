"""Who says "no more calls" in whatever question of a survey is asked nothing further, and it is on record."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from crm_core.history.campaign_events import ResponseAnswered, ResponseEnded
from crm_core.history.events import HistoryEvent
from crm_core.questionnaires.queries import Asked
from crm_core.questionnaires.questions import Content, Kind, Option, Question, Words
from cti.agi_session import AgiSession
from cti.prompt_line import PromptFolder
from cti.questionnaire import QuestionnaireDesk, serve_questionnaire
from ivr import spoken_answers
from ivr.line import Heard, Line

OPTIONS = (
    Option(id="shop", words=Words("到店", "at the workshop")),
    Option(id="phone", words=Words("电话", "by phone")),
)
QUESTIONS = tuple(
    Question(id=kind.value, kind=kind, words=Words(f"问题{kind}", f"question {kind}"), options=OPTIONS)
    if kind is Kind.CHOICE
    else Question(id=kind.value, kind=kind, words=Words(f"问题{kind}", f"question {kind}"))
    for kind in (Kind.RATING, Kind.NPS, Kind.YES_NO, Kind.CHOICE)
)
CONTENT = Content(
    title=Words("回访", "Survey"), greeting=Words("您好", "Hello"), thanks=Words("谢谢", "Thanks"), questions=QUESTIONS
)
CALL = "ob-7-1-1"


@dataclass
class Channel:
    variables: dict[str, str]

    async def get_variable(self, name: str) -> str:
        return self.variables.get(name, "")

    async def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value


@dataclass
class Customer:
    """Agrees, answers each question by key 1, and says the words in the one question that is named."""

    says: str
    in_question: int
    asked: int = -1  # the greeting is question -1
    expected: list[tuple[str, ...]] = field(default_factory=list)
    heard: list[tuple[str, ...]] = field(default_factory=list)

    def hears(self, language: str) -> bool:
        return True

    async def listen(self, prompts: tuple[str, ...], language: str, *, words: tuple[str, ...], **_: Any) -> Heard:
        self.expected.append(words)
        said = Heard(words=self.says) if self.asked == self.in_question else Heard(keys="1")
        self.asked += 1
        return said

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        self.heard.append(prompts)

    async def ask(self, prompts: tuple[str, ...], language: str, **_: Any) -> str:
        raise AssertionError("who can be heard is not asked by keys alone")


class Source:
    async def asked(self, questionnaire: int, version: int, language: str) -> Asked | None:
        return Asked(questionnaire=questionnaire, version=1, content=CONTENT, spoken=True)


async def survey(customer: Customer, language: str, folder: Path) -> list[HistoryEvent]:
    told: list[HistoryEvent] = []

    async def tell(event: HistoryEvent) -> None:
        told.append(event)

    channel = Channel({"HL_CALL": CALL, "HL_QUESTIONNAIRE": "1-1", "HL_LANG": language})
    desk = QuestionnaireDesk(
        source=Source(),
        prompts=PromptFolder(folder, folder),
        tell=tell,
        clock=lambda: 0.0,
        line=lambda _session, _prompts: cast(Line, customer),
    )
    await serve_questionnaire(cast(AgiSession, channel), desk)
    assert channel.variables["HL_DONE"] == "1"
    return told


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("number", range(-1, len(QUESTIONS)), ids=["consent", *(one.id for one in QUESTIONS)])
async def test_no_more_calls_is_heard_in_every_question(number: int, language: str, tmp_path: Path):
    customer = Customer(spoken_answers.STOP[language][0], number)
    told = await survey(customer, language, tmp_path)
    end = told[-1]
    assert isinstance(end, ResponseEnded)
    assert (end.result, end.opted_out) == ("declined", True)
    answered = [event.question for event in told if isinstance(event, ResponseAnswered)]
    assert answered == [one.id for one in QUESTIONS[: max(number, 0)]]
    assert len(customer.expected) == number + 2, "nothing is asked after it"
    assert all(set(spoken_answers.STOP[language]) <= set(words) for words in customer.expected)
    assert len(customer.heard) == 1, "and it is confirmed"


async def test_who_says_nothing_of_the_kind_comes_to_the_end(tmp_path: Path):
    told = await survey(Customer("", -2), "zh-CN", tmp_path)
    end = told[-1]
    assert isinstance(end, ResponseEnded)
    assert (end.result, end.opted_out) == ("complete", False)
