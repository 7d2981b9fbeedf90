"""Outbound campaigns: the list."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import page
from crm_core.access.roles import Permission

router = APIRouter(prefix="/campaigns", dependencies=[needs(Permission.SEE_CAMPAIGNS)])


@router.get("")
async def show_campaigns(request: Request, session: Session) -> Response:
    return page(request, "campaigns/list.html")
