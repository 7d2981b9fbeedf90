"""Questions after the talk: the agent has hung up, the customer stays on the line and answers by key.

What is answered is on record at once; how far the customer has come stands on the channel, so that a platform that was
killed in between goes on with the next question and asks none twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from crm_core.history.events import HistoryEvent, SurveyAnswered, SurveyEnded, SurveyOffered
from cti.agi_session import AgiSession
from cti.directory import ANSWER_LIMIT
from cti.facts import number
from cti.prompt_line import PromptFolder

log = structlog.get_logger(__name__)

LONGEST_SECONDS = 180
KEY_SECONDS = 6.0
TRIES = 2
KEYS = frozenset("12345")
AGREES = "1"


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


async def serve_survey(session: AgiSession, desk: SurveyDesk) -> None:
    """From the end of the talk to HL_DONE=1. `CallerGone` ends it: what was answered is on record already.

    HL_ASKED: "" = not begun, 0 = being invited, n = question n is next (1 = the first).
    """
    await session.set_variable("TIMEOUT(absolute)", str(LONGEST_SECONDS))  # until then the dialplan doubts us
    talk = await _talk(session)
    asked = await session.get_variable("HL_ASKED")
    if asked:
        number_of = int(number(await session.get_variable("HL_SURVEY")))
        questions = await _in_time(desk.source.version(talk.queue, number_of, talk.language))
    else:
        questions = await _in_time(desk.source.chosen(talk.call, talk.queue, talk.language, talk.matches))
    if questions is not None and talk.leg and questions.asked:
        round_ = _Round(session, desk, talk, questions)
        await round_.go(int(number(asked)) if asked else None)
    await session.set_variable("HL_DONE", "1")


async def _in_time(asking: Awaitable[Questions | None]) -> Questions | None:
    """A dead or slow database never holds a customer who could go."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT):
            return await asking
    except TimeoutError:
        log.error("survey_source_slow", limit=ANSWER_LIMIT)
    except Exception:
        log.exception("survey_source_failed")
    return None


@dataclass(frozen=True, slots=True)
class _Talk:
    call: str
    leg: str
    agent: str
    queue: str
    language: str
    matches: tuple[int, ...]


async def _talk(session: AgiSession) -> _Talk:
    values = [await session.get_variable(name) for name in ("HL_LEG", "HL_AGENT", "HL_QUEUE", "HL_LANG", "HL_MATCH")]
    leg, agent, queue, language, matches = values
    ids = tuple(int(part) for part in matches.split("-") if part.isascii() and part.isdigit() and len(part) < 10)
    call = await session.get_variable("HL_CALL") or session.variables.get("agi_uniqueid", "")
    return _Talk(call, leg, agent, queue, language or "zh-CN", ids)


class _Round:
    def __init__(self, session: AgiSession, desk: SurveyDesk, talk: _Talk, questions: Questions) -> None:
        self._session, self._desk, self._talk, self._questions = session, desk, talk, questions

    async def go(self, asked: int | None) -> None:
        if asked is None:
            await self._begin()
        if not asked:
            if await self._ask("survey-intro") != AGREES:
                self._end("declined")
                return
            asked = 1
            await self._keep(asked)
        for place, question in enumerate(self._questions.asked[asked - 1 :], start=asked):
            value = await self._answer(question, explain=place == 1)
            if not value:
                self._end("silent")
                return
            self._publish_answer(question, int(value))
            await self._keep(place + 1)
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
        await self._keep(0)
        await self._session.set_variable("HL_STATE", "survey")

    async def _answer(self, question: AskedQuestion, *, explain: bool) -> str:
        """A key from 1 to 5; "" after two tries without one."""
        said = (question.prompt, "survey-scale") if explain else (question.prompt,)
        for _ in range(TRIES):
            key = await self._ask(*said)
            if key in KEYS:
                return key
            said = ("survey-again", question.prompt)
        return ""

    async def _ask(self, *prompts: str) -> str:
        path = await self._desk.prompts.joined(prompts, self._talk.language)
        return await self._session.get_data(path, seconds=KEY_SECONDS, digits=1)

    async def _keep(self, asked: int) -> None:
        await self._session.set_variable("HL_ASKED", str(asked))

    def _publish_answer(self, question: AskedQuestion, value: int) -> None:
        at, talk = self._desk.clock(), self._talk
        self._desk.publish(SurveyAnswered(at=at, call=talk.call, leg=talk.leg, question=question.id, value=value))

    def _end(self, result: str) -> None:
        talk = self._talk
        self._desk.publish(SurveyEnded(at=self._desk.clock(), call=talk.call, leg=talk.leg, result=result))

    def _path(self, prompt: str) -> str:
        return self._desk.prompts.path(prompt, self._talk.language)
