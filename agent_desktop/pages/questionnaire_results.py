"""Results of a questionnaire: the period and every filter are in the address, each figure has its list and its file."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from agent_desktop.campaigns.charts import stack
from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.questionnaires import words
from agent_desktop.questionnaires.results import (
    PERIODS,
    SCALES,
    Chosen,
    campaigns_of,
    content_of,
    dealers_of,
    results,
    trend_points,
)
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Permission
from crm_core.errors import NotFound
from crm_core.questionnaires.model import Answer
from crm_core.questionnaires.queries import questionnaire_of
from crm_core.questionnaires.questions import Question
from crm_core.workforce.queries import names
from recording.comment_texts import as_wav
from recording.vault import Vault
from reports.questionnaire_results import GROUPS, WHICH, Wanted, given, lines

router = APIRouter(prefix="/questionnaires", dependencies=[needs(Permission.SEE_CAMPAIGNS)])
MOST_IN_FILE = 20_000


def the_chosen(
    *, days: int = 30, campaign: int = 0, dealer: int = 0, how: str = "", by: str = "dealer", which: str = "low"
) -> Chosen:
    """What is not on offer reads as the first choice."""
    return Chosen(
        days=days if days in PERIODS else 30,
        campaign=campaign if 0 < campaign < 2**31 else 0,
        dealer=dealer if 0 < dealer < 2**31 else 0,
        how=how if how in words.HOW else "",
        by=by if by in GROUPS else "dealer",
        which=which if which in WHICH else "low",
    )


TheChosen = Annotated[Chosen, Depends(the_chosen)]


def wanted_of(questionnaire: int, chosen: Chosen) -> Wanted:
    end = clock.now()
    return Wanted(
        questionnaire=questionnaire, start=end - timedelta(days=chosen.days), end=end, campaign=chosen.campaign,
        dealer=chosen.dealer, how=chosen.how,
    )  # fmt: skip


@router.get("/{questionnaire_id:int}/results")
async def show_results(
    request: Request, session: Session, me: Me, chosen: TheChosen, questionnaire_id: int
) -> Response:
    row = await questionnaire_of(session, questionnaire_id)
    zone = request.app.state.site.zone
    found = await results(session, wanted_of(row.id, chosen), chosen, zone)
    return page(
        request,
        "questionnaires/results.html",
        row=row,
        chosen=chosen,
        found=found,
        periods=PERIODS,
        hows=words.HOW,
        groups=words.GROUPS,
        whiches=words.WHICH,
        campaigns=await campaigns_of(session, row.id),
        dealers=await dealers_of(session),
        people=await names(session),
        may_hear=me.may(Permission.HEAR_TEAM_RECORDINGS),
        stack=stack,
        scales=SCALES,
        trend=trend_points(found.trend, 300, 60),
        text=lambda one: one.text(language_of(request)),
    )


@router.get("/{questionnaire_id:int}/results.csv")
async def export_results(request: Request, session: Session, chosen: TheChosen, questionnaire_id: int) -> Response:
    """One line for each response of the chosen list, one column for each question in force."""
    content, language = await content_of(session, questionnaire_id), language_of(request)
    rows = await lines(session, wanted_of(questionnaire_id, chosen), chosen.which, most=MOST_IN_FILE)
    answers = await given(session, [one.response.id for one in rows])
    zone = request.app.state.site.zone
    heads = [translate(request, one) for one in words.HEADS]
    heads += [one.topic.text(language) or one.words.text(language) for one in content.questions]
    table = [
        [
            one.response.began_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            one.customer,
            one.dealer,
            one.response.adviser,
            one.response.agent,
            one.response.model,
            translate(request, words.HOW.get(one.response.how, "")),
            one.response.version,
            one.response.result,
            one.case,
            *(_cell(question, answers.get(one.response.id, {}).get(question.id), language)
              for question in content.questions),
        ]
        for one in rows
    ]  # fmt: skip
    return csv_file(f"questionnaire-{questionnaire_id}.csv", heads, table)


@router.get("/comments/{response_id:int}/{question}", dependencies=[needs(Permission.HEAR_TEAM_RECORDINGS)])
async def play_comment(request: Request, session: Session, me: Me, response_id: int, question: str) -> Response:
    """A spoken comment as WAV; each listening is in the audit log."""
    answer = await session.get(Answer, (response_id, question[:16])) if response_id < 2**31 else None
    if answer is None or not answer.sound:
        raise NotFound("This talk has no recording to play.")
    vault: Vault = request.app.state.vault
    async with vault.sound(answer.sound) as path:
        sound = await asyncio.to_thread(as_wav, path)
    detail = noting(response=response_id, question=answer.question)
    await audit(
        session, at=clock.now(), actor=me.number, action="comment_listen", subject=f"response/{response_id}",
        detail=detail,
    )  # fmt: skip
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "private, no-store"})


def _cell(question: Question, answer: Answer | None, language: str) -> object:
    if answer is None:
        return ""
    option = question.option(answer.choice) if answer.choice else None
    if option is not None:
        return option.words.text(language)
    return answer.text if answer.value is None else answer.value
