"""A customer's own page of questions, behind the link of a message. Nobody signs in; the code is the key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, Field

from agent_desktop.dependencies import Session, anyone
from agent_desktop.rendering import language_of, page
from agent_desktop.security import TooManyTries
from crm_core import clock
from crm_core.errors import Invalid
from crm_core.questionnaires.answering import LONGEST_COMMENT, Round, finish, give, take_back
from crm_core.questionnaires.links import open_round, opt_out
from crm_core.questionnaires.questions import Given, Kind, Question

router = APIRouter(prefix="/answer", dependencies=[anyone])
_PER_MINUTE = RateLimitItemPerMinute(60)  # of one address; a telephone company hides many customers behind one
_visits = MovingWindowRateLimiter(MemoryStorage())
_HEADERS = {"X-Robots-Tag": "noindex"}


class Typed(BaseModel):
    """`act`: answer, back, decline or stop. `answer` is a token of the question, or "" = passed over."""

    act: str = Field("answer", max_length=10)
    question: str = Field("", max_length=16)
    answer: str = Field("", max_length=16)
    text: str = Field("", max_length=4 * LONGEST_COMMENT)


@router.get("/{code}")
async def show_question(request: Request, session: Session, code: str) -> Response:
    await _limit(request)
    return _page(request, await open_round(session, code, language=language_of(request), at=clock.now()))


@router.post("/{code}")
async def keep_answer(request: Request, session: Session, code: str, typed: Annotated[Typed, Form()]) -> Response:
    """What was answered is kept at once; the last answer ends it and shows the thanks."""
    await _limit(request)
    at = clock.now()
    now = await open_round(session, code, language=language_of(request), at=at)
    if typed.act in ("stop", "decline"):
        if typed.act == "stop":
            await opt_out(session, now, at=at)
        else:
            await finish(session, now.response.call, result="declined", at=at)
        return _page(request, now, ended=typed.act)
    if typed.act == "back":
        if now.answers:
            await take_back(session, now.response.call, at=at)
        return RedirectResponse(f"/answer/{code}", 303, headers=_HEADERS)
    question = now.asked.content.question(typed.question)
    if question is None or now.question != question:  # a page of before, sent once more
        return RedirectResponse(f"/answer/{code}", 303, headers=_HEADERS)
    now = await give(session, now.response.call, question.id, _given(question, typed), at=at)
    if now.question is None:
        await finish(session, now.response.call, at=at)
        return _page(request, now, ended="complete")
    return RedirectResponse(f"/answer/{code}", 303, headers=_HEADERS)


def _given(question: Question, typed: Typed) -> Given:
    """Raises Invalid for a number that is none."""
    if question.kind is Kind.COMMENT:
        return Given(text=typed.text)
    if question.kind is Kind.CHOICE:
        return Given(choice=typed.answer)
    if typed.answer and not (typed.answer.isascii() and typed.answer.isdecimal()):
        raise Invalid("Choose one of the answers.", field=question.id)
    return Given(value=int(typed.answer) if typed.answer else None)


def _page(request: Request, now: Round, *, ended: str = "") -> Response:
    language = language_of(request)
    questions = [one.id for one in now.asked.content.questions]
    place = questions.index(now.question.id) if now.question else len(questions)
    return page(
        request,
        "questionnaires/answer.html",
        headers=_HEADERS,
        content=now.asked.content,
        question=now.question,
        place=place,
        total=len(questions),
        begun=bool(now.answers),
        ended=ended,
        text=lambda words: words.text(language),
    )


async def _limit(request: Request) -> None:
    address = request.client.host if request.client else ""
    if not await _visits.hit(_PER_MINUTE, "answer", address[:45]):
        raise TooManyTries
