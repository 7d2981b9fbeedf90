"""All recordings that a person may hear: found by day, queue, agent, customer, length, what was said."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from agent_desktop.contacts.queries import customer_line
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.recordings import words
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.recordings.listing import (
    LENGTHS,
    PAGE_SIZE,
    Asked,
    filter_of,
    first_day,
    lines_of,
    listed_for,
    named_by,
    span_of,
)
from agent_desktop.recordings.said import marked, said, topic_names
from agent_desktop.recordings.told import told_to
from agent_desktop.rendering import language_of, page
from crm_core.access.roles import Permission
from crm_core.history.recording_list import recording_page
from crm_core.workforce.queries import names, queues

router = APIRouter(dependencies=[needs(Permission.HEAR_OWN_RECORDINGS)])
MOST = 100  # alerts that are counted


@router.get("/recordings")
async def show_recordings(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """One page of the list. Only what this person may hear is found, however it is asked for."""
    listener, zone = await listener_of(session, me), rendering.site.zone
    who = await named_by(session, asked)
    wanted = filter_of(asked, listener, zone, who.among)
    found = await recording_page(session, wanted, cursor=asked.cursor, limit=PAGE_SIZE)
    agents = listed_for(listener)
    today = rendering.now().astimezone(zone).date()
    return page(
        request,
        "recording/list.html",
        asked=asked,
        hits=who.hits,
        lines=await lines_of(session, found.recordings),
        older=asked.address(cursor=found.next_cursor) if found.next_cursor else "",
        agents=agents,
        named=names_for(language_of(request), await names(session), await queues(session)),
        words=words,
        customer=await customer_line(session, asked.customer) if asked.customer else None,
        sees_contacts=me.may(Permission.SEE_CUSTOMERS),
        lengths=list(LENGTHS),
        span=span_of(asked, today),
        spans={name: first_day(name, rendering.now(), zone) for name in ("today", "week", "month")},
        shared=bool(listener.shared),
        said=await said(session, asked, listener, zone),
        topics=await topic_names(session, language_of(request)),
        marked=marked,
        alerts=len(await told_to(session, listener, most=MOST)) if me.may(Permission.HEAR_TEAM_RECORDINGS) else None,
    )
