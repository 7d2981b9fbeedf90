"""What an agent sees of quality: the own reviews with their sound, one answer to each, and coaching notes."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.pages.quality_panel import talk_page
from agent_desktop.quality import words
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.notices.actions import unread
from crm_core.quality import coaching, trends
from crm_core.quality.review_actions import answer, see
from crm_core.quality.review_queries import reviews_of_agent
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/my-quality", dependencies=[needs(Permission.HEAR_OWN_RECORDINGS)])
WEEKS = 12


@router.get("")
async def show_own(request: Request, session: Session, me: Me, rendering: TheRendering) -> Response:
    """Reviews that were given, the mean by weeks, coaching notes."""
    zone, at = rendering.site.zone, clock.now()
    start = at - timedelta(weeks=WEEKS)
    mondays = trends.weeks(start.astimezone(zone).date(), at.astimezone(zone).date())
    wanted = trends.Wanted(agents=frozenset({me.number}), start=start, end=at)
    own = (await trends.tallies(session, wanted, zone, mondays))[trends.EVERYBODY]
    return page(
        request,
        "quality/own.html",
        lines=await reviews_of_agent(session, me.number),
        mean=own.whole,
        mondays=mondays,
        by_week=own.weeks,
        notes=await coaching.notes(session, frozenset({me.number}), limit=50),
        told=await unread(session, me.number, "review"),
        moment=at,
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.get("/{review_id:int}")
async def show_review(session: Session, me: Me, review_id: int) -> Response:
    """To the talk, where the review stands beside it; it counts as seen. NotFound for another agent's."""
    row = await see(session, review_id, actor=me.number, at=clock.now())
    return RedirectResponse(talk_page(row.recording_id), 303)


@router.post("/{review_id:int}/answer")
async def give_answer(edit: Edit, review_id: int) -> Response:
    """Agree, or appeal with a reason: once, and in time."""
    form = await edit.form()
    appeal = text(form, "how") == "appeal"

    async def work(session: AsyncSession) -> int:
        row = await answer(session, review_id, words=text(form, "words"), appeal=appeal, **edit.by)
        return row.recording_id

    return RedirectResponse(talk_page(await edit.save(work, tell=False)), 303)


@router.post("/notes/{note_id:int}/seen")
async def see_note(edit: Edit, note_id: int) -> Response:
    await edit.save(lambda session: coaching.see(session, note_id, **edit.by), tell=False)
    return RedirectResponse("/my-quality", 303)
