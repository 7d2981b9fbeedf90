"""A campaign's questionnaire without an agent: greeting, consent, questions by key and by voice, thanks.

What is answered is on record before the next question begins; the way so far stands on the channel, so that a platform
that was killed in between goes on with the next question and asks none twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from crm_core.history.campaign_events import ResponseAnswered, ResponseBegan, ResponseEnded
from crm_core.history.events import OF_QUESTIONS, HistoryEvent, RecordingStarted
from crm_core.questionnaires.queries import Asked
from crm_core.questionnaires.questions import Given, Kind, Question, next_question
from crm_core.questionnaires.saying import AGAIN, HEARD, STOP, STOPPED, spoken
from cti.agi_session import AgiSession
from cti.attempts import AttemptId, attempt_of
from cti.facts import number
from cti.prompt_line import PromptFolder
from cti.question_session import KEY_SECONDS, hear, in_time, keep_asked
from ivr import spoken_answers as words
from ivr.line import CallerGone, Heard, Line
from ivr.question_prompts import prompt_of

log = structlog.get_logger(__name__)

LONGEST_SECONDS = 600
SOURCE_SECONDS = 1.0  # the customer has just said hello
TRIES = 2
COMMENT_SECONDS, COMMENT_SILENCE = 60, 4
LEAST_COMMENT = 1.0  # seconds besides the silence at its end
MOST_TAKES = 3
YES, NO = "1", "2"  # the keys


class QuestionnaireSource(Protocol):
    """Of hotline.questionnaire_source."""

    async def asked(self, questionnaire: int, version: int, language: str) -> Asked | None:
        """This version, 0 = the one in force. None when it may not be asked by a machine: its prompts are lacking."""
        ...


class NoQuestionnaires:
    """A site that asks nothing without an agent."""

    async def asked(self, questionnaire: int, version: int, language: str) -> Asked | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireDesk:
    """`tell` puts a fact on record, in turn with all others, before it returns."""

    source: QuestionnaireSource
    prompts: PromptFolder
    tell: Callable[[HistoryEvent], Awaitable[None]]
    clock: Callable[[], float]
    line: Callable[[AgiSession, PromptFolder], Line]


class _Stopped(Exception):
    """The customer wants no more calls."""


async def serve_questionnaire(session: AgiSession, desk: QuestionnaireDesk) -> None:
    """From the answer to HL_DONE=1. Left without it when nothing can be asked: the dialplan then says who called.

    HL_ASKED: "" = not begun, 0 = greeted, 1 = has agreed. HL_SURVEY = the version that is asked. HL_ANSWERS: so far.
    """
    await session.set_variable("TIMEOUT(absolute)", str(LONGEST_SECONDS))
    call, wanted, language, asked, version, answers, sound = [
        await session.get_variable(name)
        for name in ("HL_CALL", "HL_QUESTIONNAIRE", "HL_LANG", "HL_ASKED", "HL_SURVEY", "HL_ANSWERS", "HL_SOUND")
    ]
    questionnaire, _, configured = wanted.partition("-")
    attempt = attempt_of(call)
    chosen = int(number(version)) or int(number(configured))
    found = await in_time(
        desk.source.asked(int(number(questionnaire)), chosen, language), SOURCE_SECONDS, "questionnaire"
    )
    if attempt is None or found is None:
        log.error("questionnaire_not_asked", call=call, questionnaire=wanted)
        return
    round_ = _Round(session, desk, _Called(call, attempt, language), found)
    await round_.recorded("q", sound)
    await round_.go(asked, answers)
    await session.set_variable("HL_DONE", "1")


@dataclass(frozen=True, slots=True)
class _Called:
    call: str
    attempt: AttemptId
    language: str


class _Round:
    def __init__(self, session: AgiSession, desk: QuestionnaireDesk, called: _Called, asked: Asked) -> None:
        self._session, self._desk, self._asked, self._content = session, desk, asked, asked.content
        self._call, self._attempt, self._language = called.call, called.attempt, called.language
        self._line = desk.line(session, desk.prompts)

    async def go(self, asked: str, answers: str) -> None:
        try:
            said = YES if asked == YES else await self._asks_consent(greeted=asked == "0")
            if said == NO:
                await self._end("declined")
            if said != YES:  # silence is no answer, and nothing is told of it
                await self._play("questionnaire-later")
                return
            if asked != YES:
                await self._begin()
            await self._questions(words.read_back(answers, self._content.questions))
        except _Stopped:
            await self._end("declined", opted_out=True)
            await self._say(STOPPED)

    # ---- consent

    async def _asks_consent(self, *, greeted: bool) -> str:
        """YES, NO or "" of the customer who hears who calls and what for; before it nothing is asked."""
        if not greeted:
            await self._session.set_variable("HL_SURVEY", str(self._asked.version))
            await keep_asked(self._session, 0)
        greeting = prompt_of(self._content.greeting.text(self._language))
        prompts: tuple[str, ...] = (greeting, "questionnaire-begin", self._said(STOP))
        phrases = dict.fromkeys(words.AGREES[self._language], YES) | dict.fromkeys(words.DECLINES[self._language], NO)
        for _ in range(TRIES):
            heard = await self._hear(prompts, phrases, digits=1)
            said = heard.keys or phrases.get(heard.words, "")
            self._may_stop(None, heard)
            if said in (YES, NO):
                return said
            prompts = (self._said(AGAIN), "questionnaire-begin")
        return ""

    async def _begin(self) -> None:
        began = ResponseBegan(
            at=self._desk.clock(),
            call=self._call,
            campaign=self._attempt.campaign,
            questionnaire=self._asked.questionnaire,
            version=self._asked.version,
            language=self._language,
        )
        await self._desk.tell(began)
        await keep_asked(self._session, YES)

    # ---- questions

    async def _questions(self, answers: dict[str, Given]) -> None:
        while (question := next_question(self._content, answers)) is not None:
            given = await self._answer(question)
            if given is None:
                return  # silence: what was answered is on record, and the round stays open
            answers[question.id] = given
            await self._session.set_variable("HL_ANSWERS", words.kept(answers))
        await self._end("complete")
        await self._play(prompt_of(self._content.thanks.text(self._language)))

    async def _answer(self, question: Question) -> Given | None:
        if question.kind is Kind.COMMENT:
            return await self._comment(question)
        phrases = words.phrases(question, self._language)
        asking = tuple(prompt_of(text) for text in spoken(question, self._language))
        prompts, digits = asking, 2 if question.kind is Kind.NPS else 1
        for _ in range(TRIES):
            heard = await self._hear(prompts, phrases, digits=digits)
            self._may_stop(question, heard)
            token = words.token_of_keys(question, heard.keys) or phrases.get(heard.words, "")
            if token:
                given = words.given_of(question, token)
                await self._record(question, given, "key" if heard.keys else "voice")
                return given
            prompts = (self._said(AGAIN), *asking)
        return None

    def _may_stop(self, question: Question | None, heard: Heard) -> None:
        if words.stops(question, heard.keys) or heard.words in words.STOP[self._language]:
            raise _Stopped

    async def _hear(self, prompts: tuple[str, ...], phrases: dict[str, str], *, digits: int) -> Heard:
        language = self._language
        expected = (*phrases, *words.STOP[language])
        return await hear(self._line, prompts, language, words=expected, digits=digits)

    # ---- a comment

    async def _comment(self, question: Question) -> Given:
        """Kept when it is confirmed, when nobody presses a key, and when the customer just hangs up."""
        asking = tuple(prompt_of(text) for text in spoken(question, self._language))
        folder = await self._session.get_variable("HL_COMMENTS")
        day = folder.rpartition("/")[2]
        given = Given()
        for take in range(1, MOST_TAKES + 1):
            await self._line.play(asking, self._language)
            name = f"{self._call}-{question.id}-{take}.sln"
            seconds = await self._take(f"{folder}/{name}")
            await self.recorded(f"{question.id}-{take}", f"{day}/{name}")
            if seconds < LEAST_COMMENT:
                break
            given = Given(sound=f"{day}/{name}")
            if await self._again(question, given):
                given = Given()
                continue
            break
        await self._record(question, given, "voice")
        return given

    async def _again(self, question: Question, given: Given) -> bool:
        try:
            key = await self._line.ask((self._said(HEARD),), self._language, seconds=KEY_SECONDS, digits=1)
        except CallerGone:
            await self._record(question, given, "voice")
            raise
        if words.stops(None, key):
            await self._record(question, given, "voice")
            raise _Stopped
        return key == NO

    async def _take(self, path: str) -> float:
        """Seconds of speech. The tone tells when to begin; the hash key ends it, and so does silence."""
        began = self._desk.clock()
        place = f"{path},{COMMENT_SILENCE},{COMMENT_SECONDS},k"
        await self._session.command("EXEC", "Record", place, seconds=COMMENT_SECONDS + 10.0)
        took = self._desk.clock() - began
        silent = await self._session.get_variable("RECORD_STATUS") == "SILENCE"
        return took - (COMMENT_SILENCE if silent else 0.0)

    # ---- on record

    async def recorded(self, part: str, file: str) -> None:
        """A sound of this round, told as often as we begin anew: a part has one row."""
        leg = f"{self._call}-{part}"
        at = self._desk.clock()
        await self._desk.tell(RecordingStarted(at=at, call=self._call, leg=leg, agent=OF_QUESTIONS, file=file))

    async def _record(self, question: Question, given: Given, how: str) -> None:
        answered = ResponseAnswered(
            at=self._desk.clock(),
            call=self._call,
            question=question.id,
            how=how,
            value=-1 if given.value is None else given.value,
            choice=given.choice,
            sound=given.sound,
        )
        await self._desk.tell(answered)

    async def _end(self, result: str, *, opted_out: bool = False) -> None:
        at = self._desk.clock()
        await self._desk.tell(ResponseEnded(at=at, call=self._call, result=result, opted_out=opted_out))

    def _said(self, sentence: dict[str, str]) -> str:
        return prompt_of(sentence[self._language])

    async def _say(self, sentence: dict[str, str]) -> None:
        await self._play(self._said(sentence))

    async def _play(self, prompt: str) -> None:
        await self._line.play((prompt,), self._language)
