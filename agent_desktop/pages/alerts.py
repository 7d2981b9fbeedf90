"""Talks in which a word of a topic was said and which the reader was told of: the sentence, and the way to hear it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.naming import names_for
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.recordings.told import told_to
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.notices.actions import mark_read
from crm_core.seals.checks import alarm
from crm_core.transcripts.settings import listening
from crm_core.transcripts.storing import ABOUT
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/alerts", dependencies=[needs(Permission.HEAR_TEAM_RECORDINGS)])
MOST = 100


@router.get("")
async def show(request: Request, session: Session, me: Me) -> Response:
    """The reader's own that are unread, the newest first; one whose talk they may not hear any more is left out."""
    told = await told_to(session, await listener_of(session, me), most=MOST)
    english = language_of(request) == "en"
    topics = {one.key: one.name_en if english else one.name_zh for one in (await listening(session)).topics}
    named = names_for(language_of(request), await names(session), await queues(session))
    seals = await alarm(session) if me.may(Permission.EDIT_RULES) else None
    return page(request, "alerts.html", alerts=told, topics=topics, named=named, most=MOST, seals=seals)


@router.post("/seen")
async def seen(session: Session, me: Me, recording: Annotated[str, Form(max_length=12)]) -> Response:
    """The reader has dealt with this talk; only their own notices change."""
    await mark_read(session, me.number, ABOUT, recording, clock.now())
    return RedirectResponse("/alerts", 303)
