"""Outbound campaigns: the list, with how far each is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from agent_desktop.campaigns.lines import campaign_lines
from agent_desktop.campaigns.reader import TheLook
from agent_desktop.campaigns.words import FILTERS
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from agent_desktop.segments.charts import width_of
from crm_core.access.roles import Permission
from crm_core.notices.actions import unread
from crm_core.questionnaires.comment_wishes import ABOUT

router = APIRouter(prefix="/campaigns", dependencies=[needs(Permission.SEE_CAMPAIGNS)])


@router.get("")
async def show_campaigns(look: TheLook, show: str = "", q: Annotated[str, Query(max_length=60)] = "") -> Response:
    show = show if show in FILTERS else ""
    return page(
        look.request,
        "campaigns/list.html",
        **look.frame,
        lines=await campaign_lines(look.session, show, q.strip(), look.now),
        show=show,
        q=q.strip(),
        filters=FILTERS,
        width=width_of,
        told=await unread(look.session, look.me.number, ABOUT),
    )
