"""Voice messages as work: who left one, when, for which queue; to hear it, call back, and mark it as done."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.callbacks.actions import finish_message, reopen_message
from crm_core.callbacks.queries import done_messages, open_messages
from crm_core.errors import Refused
from crm_core.workforce.queries import names, queues
from recording.library import PLAYABLE

router = APIRouter(prefix="/messages", dependencies=[needs(Permission.TAKE_CALLS)])

DONE_SHOWN = timedelta(days=7)


@router.get("")
async def show_messages(request: Request, session: Session, done: bool = False) -> Response:
    """The open ones, or with `done` those of the last week that somebody has dealt with."""
    lines = await (done_messages(session, clock.now() - DONE_SHOWN) if done else open_messages(session))
    return page(
        request,
        "messages.html",
        lines=lines,
        done=done,
        playable=PLAYABLE,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.post("/{contact_id}/done")
async def finish(session: Session, me: Me, contact_id: str) -> Response:
    if not await finish_message(session, contact_id, actor=me.number, at=clock.now()):
        raise Refused("A colleague has dealt with this message already.")
    return RedirectResponse("/messages", status_code=303)


@router.post("/{contact_id}/reopen")
async def reopen(session: Session, me: Me, contact_id: str) -> Response:
    await reopen_message(session, contact_id, actor=me.number, at=clock.now())
    return RedirectResponse("/messages", status_code=303)
