"""Questions after the talk: the agent has hung up, the customer stays on the line and answers by voice or key.

What is answered is on record at once; how far the customer has come stands on the channel, so that a platform that was
killed in between goes on with the next question and asks none twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from crm_core.history.events import HistoryEvent, SurveyAnswered, SurveyEnded, SurveyOffered
from cti.agi_session import AgiSession
from cti.directory import ANSWER_LIMIT
from cti.facts import number
from cti.prompt_line import PromptFolder, PromptLine
from cti.question_session import KEY_SECONDS, hear, in_time, keep_asked
from ivr.hearing import meant, phrases_of
from ivr.line import Line
from ivr.questions import Words
from ivr.scores import AGREEMENT, SCORES

log = structlog.get_logger(__name__)

LONGEST_SECONDS = 180
KEYS = frozenset("12345")
AGREES = "1"
UNCLEAR = "?"  # something was said, and nobody can tell what: asked again, by key
SURE = 0.7
SAID = {"survey-intro": "survey-intro-say", "survey-scale": "survey-scale-say"}  # the prompt where voices are heard


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """`prompt` is a file below the prompts folder, without language and ending."""

    id: str
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    version: int
    asked: tuple[AskedQuestion, ...]


class SurveySource(Protocol):
    """Of hotline.survey_source: the site's settings. None = nobody is asked anything."""

    async def chosen(self, call: str, queue: str, language: str, matches: tuple[int, ...]) -> Questions | None:
        """For a call whose talk is over: whether this one is asked, and what."""
        ...

    async def version(self, queue: str, number: int, language: str) -> Questions | None:
        """What this call was asked before we were killed."""
        ...


class NoSurveys:
    """A site that asks nothing."""

    async def chosen(self, call: str, queue: str, language: str, matches: tuple[int, ...]) -> Questions | None:
        return None

    async def version(self, queue: str, number: int, language: str) -> Questions | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDesk:
    """`publish` puts a fact on record before it returns."""

    source: SurveySource
    prompts: PromptFolder
    publish: Callable[[HistoryEvent], object]
    clock: Callable[[], float]
    line: Callable[[AgiSession, PromptFolder], Line] = PromptLine


async def serve_survey(session: AgiSession, desk: SurveyDesk) -> None:
    """From the end of the talk to HL_DONE=1. `CallerGone` ends it: what was answered is on record already.

    HL_ASKED: "" = not begun, 0 = being invited, n = question n is next (1 = the first).
    """
    await session.set_variable("TIMEOUT(absolute)", str(LONGEST_SECONDS))  # until then the dialplan doubts us
    talk, asked = _talk(session)
    if asked:
        number_of = int(number(await session.get_variable("HL_SURVEY")))
        questions = await in_time(desk.source.version(talk.queue, number_of, talk.language), ANSWER_LIMIT, "survey")
    else:
        questions = await in_time(
            desk.source.chosen(talk.call, talk.queue, talk.language, talk.matches), ANSWER_LIMIT, "survey"
        )
    if questions is not None and talk.leg and questions.asked:
        round_ = _Round(session, desk, talk, questions)
        await round_.go(int(number(asked)) if asked else None)
    await session.set_variable("HL_DONE", "1")


@dataclass(frozen=True, slots=True)
class _Talk:
    call: str
    leg: str
    agent: str
    queue: str
    language: str
    matches: tuple[int, ...]


def _talk(session: AgiSession) -> tuple[_Talk, str]:
    """What the dialplan tells of the talk, and how far the customer has come (HL_ASKED)."""
    told = [session.variables.get(f"agi_arg_{place}", "") for place in range(1, 8)]
    call, leg, agent, queue, language, matches, asked = told
    ids = tuple(int(part) for part in matches.split("-") if part.isascii() and part.isdigit() and len(part) < 10)
    return _Talk(call, leg, agent, queue, language or "zh-CN", ids), asked


class _Round:
    def __init__(self, session: AgiSession, desk: SurveyDesk, talk: _Talk, questions: Questions) -> None:
        self._session, self._desk, self._talk, self._questions = session, desk, talk, questions
        self._line = desk.line(session, desk.prompts)

    async def go(self, asked: int | None) -> None:
        if asked is None:
            await self._begin()
        if not asked:
            if not await self._agrees():
                self._end("declined")
                return
            asked = 1
            await keep_asked(self._session, asked)
        for place, question in enumerate(self._questions.asked[asked - 1 :], start=asked):
            value = await self._answer(question, explain=place == 1)
            if not value:
                self._end("silent")
                return
            self._publish_answer(question, int(value))
            await keep_asked(self._session, place + 1)
        self._end("complete")
        await self._session.stream_file(self._path("survey-thanks"))

    async def _begin(self) -> None:
        talk = self._talk
        self._desk.publish(
            SurveyOffered(
                at=self._desk.clock(),
                call=talk.call,
                leg=talk.leg,
                agent=talk.agent,
                queue=talk.queue,
                language=talk.language,
                version=self._questions.version,
                questions=len(self._questions.asked),
            )
        )
        await self._session.set_variable("HL_SURVEY", str(self._questions.version))
        await keep_asked(self._session, 0)
        await self._session.set_variable("HL_STATE", "survey")

    async def _agrees(self) -> bool:
        answer = await self._ask(("survey-intro",), AGREEMENT)
        return (await self._by_key("survey-intro") if answer == UNCLEAR else answer) == AGREES

    async def _answer(self, question: AskedQuestion, *, explain: bool) -> str:
        """A score from 1 to 5, "" when there was none: asked by voice or key, then once more by key."""
        key = await self._ask((question.prompt, "survey-scale") if explain else (question.prompt,), SCORES)
        if key not in KEYS:
            key = await self._by_key("survey-again", question.prompt)
        return key if key in KEYS else ""

    async def _ask(self, prompts: tuple[str, ...], words: Words) -> str:
        """The key that was pressed or meant; UNCLEAR; "" = nothing."""
        language = self._talk.language
        spoken = tuple(SAID.get(prompt, prompt) for prompt in prompts)
        heard = await hear(self._line, spoken, language, words=phrases_of(words, language), by_key=prompts)
        if heard.keys or not heard.words:
            return heard.keys
        key = meant(words, language, heard.words)
        return key if key and heard.confidence >= SURE else UNCLEAR

    async def _by_key(self, *prompts: str) -> str:
        return await self._line.ask(prompts, self._talk.language, seconds=KEY_SECONDS, digits=1)

    def _publish_answer(self, question: AskedQuestion, value: int) -> None:
        at, talk = self._desk.clock(), self._talk
        self._desk.publish(SurveyAnswered(at=at, call=talk.call, leg=talk.leg, question=question.id, value=value))

    def _end(self, result: str) -> None:
        talk = self._talk
        self._desk.publish(SurveyEnded(at=self._desk.clock(), call=talk.call, leg=talk.leg, result=result))

    def _path(self, prompt: str) -> str:
        return self._desk.prompts.path(prompt, self._talk.language)
