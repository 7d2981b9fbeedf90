"""Quality: the inbox of drawn talks, and the reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.pages.quality_panel import talk_page
from agent_desktop.quality import words
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.notices.actions import unread
from crm_core.quality.draw_actions import give_back, take
from crm_core.quality.form_queries import usable_forms
from crm_core.quality.reach import reviewed_agents
from crm_core.quality.review_queries import Wanted, inbox, reviews, waiting_count
from crm_core.workforce.queries import agents, names, queues

router = APIRouter(prefix="/quality", dependencies=[needs(Permission.REVIEW_TALKS)])


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what is empty does not restrict. `view` "" = the inbox."""

    view: str = ""
    agent: str = ""
    form: str = ""
    state: str = ""
    q: str = ""
    start: str = ""
    end: str = ""
    below: str = ""


@router.get("")
async def show_quality(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """What waits for a review; with `view` own or all, the reviews that this person may read."""
    reach = await reviewed_agents(session, me)
    lists = asked.view in ("own", "all")
    people = [one for one in await agents(session) if reach is None or one.number in reach]
    return page(
        request,
        "quality/inbox.html",
        asked=asked,
        waiting=[] if lists else await inbox(session, me.number, reach),
        lines=await reviews(session, me.number, reach, _wanted(asked, me.number, rendering)) if lists else [],
        open_count=await waiting_count(session, me.number, reach),
        told=await unread(session, me.number, "review"),
        people=[one for one in people if one.number != me.number],
        forms=await usable_forms(session),
        moment=clock.now(),
        may_set=me.may(Permission.SET_QUALITY),
        quality_words=words,
        talk_page=talk_page,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.post("/draws/{draw_id:int}/take")
async def take_talk(edit: Edit, draw_id: int) -> Response:
    """Only this person does it from now on; straight to the talk."""
    reach = await reviewed_agents(edit.session, edit.me)
    row = await edit.save(lambda session: take(session, draw_id, reach, **edit.by), tell=False)
    return RedirectResponse(talk_page(row.recording_id), 303)


@router.post("/draws/{draw_id:int}/return")
async def return_talk(edit: Edit, draw_id: int) -> Response:
    reach = await reviewed_agents(edit.session, edit.me)
    await edit.save(lambda session: give_back(session, draw_id, reach, **edit.by), tell=False)
    return RedirectResponse("/quality", 303)


def _wanted(asked: Asked, me: str, rendering: TheRendering) -> Wanted:
    zone = rendering.site.zone
    first, last = _day(asked.start), _day(asked.end)
    return Wanted(
        agent=asked.agent[:16],
        reviewer=me if asked.view == "own" else "",
        form=int(asked.form) if asked.form.isdecimal() and len(asked.form) < 9 else 0,
        state=asked.state if asked.state in words.STATES else "",
        words=asked.q.strip()[:60],
        start=clock.day_bounds(first, zone)[0] if first else None,
        end=clock.day_bounds(last, zone)[1] if last else None,
        below=10 * int(asked.below) if asked.below.isdecimal() and len(asked.below) < 4 else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2100, 1, 1) - timedelta(days=1) else None
