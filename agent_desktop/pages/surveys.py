"""What customers answered after the call: by queue, by agent, and the low scores with their calls."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.notices.actions import mark_read, unread
from crm_core.surveys.queries import low_scores, scores
from crm_core.workforce.queries import led_agents, names, queues

router = APIRouter(prefix="/surveys", dependencies=[needs(Permission.SEE_REPORTS)])

PERIODS = (1, 7, 30, 90)


@router.get("")
async def show_scores(request: Request, session: Session, me: Me, days: int = 7) -> Response:
    """Of the last so many days. A team leader sees the own teams; a reviewer and a supervisor everybody."""
    days = days if days in PERIODS else 7
    end = clock.now()
    start = end - timedelta(days=days)
    led = None if not me.may(Permission.STEER_AGENTS) else await led_agents(session, me)
    told = {one.subject for one in await unread(session, me.number, "score", limit=200)}
    return page(
        request,
        "surveys/page.html",
        days=days,
        periods=PERIODS,
        by_queue=await scores(session, "queue", start, end, agents=led),
        by_agent=await scores(session, "agent", start, end, agents=led),
        low=await low_scores(session, start, end, agents=led),
        fresh=told,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.post("/{contact_id}/seen")
async def seen(session: Session, me: Me, contact_id: str) -> Response:
    """The notice of this low score is read; the score stays in the list."""
    await mark_read(session, me.number, "score", contact_id[:64], clock.now())
    return Response(status_code=303, headers={"Location": "/surveys"})
