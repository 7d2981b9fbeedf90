"""What a dealer's customers answered: the own results only, with what they said and the complaint it became."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlalchemy import func, select

from agent_desktop.campaigns.charts import stack
from agent_desktop.dealer.portal import Portal, ThePortal, show
from agent_desktop.dependencies import needs
from agent_desktop.questionnaires.results import PERIODS, SCALES, Chosen, results, trend_points
from agent_desktop.rendering import language_of
from crm_core.access.roles import Permission
from crm_core.questionnaires import model
from reports.questionnaire_results import Wanted

router = APIRouter(prefix="/dealer", dependencies=[needs(Permission.SEE_OWN_DEALER)])


def the_asked(questionnaire: int = 0, days: int = 90) -> tuple[int, int]:
    return questionnaire, days if days in PERIODS else 90


TheAsked = Annotated[tuple[int, int], Depends(the_asked)]


@router.get("/answers")
async def show_answers(portal: ThePortal, asked: TheAsked) -> Response:
    """Of the questionnaires that customers of these dealers were asked; another one's id reads as the first of them."""
    known = await _questionnaires(portal)
    chosen = next((one for one in known if one.id == asked[0]), known[0] if known else None)
    found = None
    if chosen is not None:
        wanted = Wanted(
            questionnaire=chosen.id, start=portal.now - timedelta(days=asked[1]), end=portal.now, reach=portal.narrowed
        )
        found = await results(portal.session, wanted, Chosen(by="adviser", which="low"), portal.zone)
    language = language_of(portal.request)
    return await show(
        portal,
        "dealer/answers.html",
        questionnaires=known,
        questionnaire=chosen,
        days=asked[1],
        periods=PERIODS,
        found=found,
        stack=stack,
        scales=SCALES,
        trend=trend_points(found.trend, 300, 60) if found else "",
        text=lambda one: one.text(language),
    )


async def _questionnaires(portal: Portal) -> list[model.Questionnaire]:
    """Those with answers of these dealers' customers, the most answered first."""
    counted = (
        select(model.Response.questionnaire_id, func.count().label("count"))
        .where(portal.narrowed.condition(model.Response.dealer_id))
        .group_by(model.Response.questionnaire_id)
        .subquery()
    )
    rows = await portal.session.scalars(
        select(model.Questionnaire)
        .join(counted, counted.c.questionnaire_id == model.Questionnaire.id)
        .order_by(counted.c.count.desc(), model.Questionnaire.id)
    )
    return list(rows)
