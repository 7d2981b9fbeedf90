"""The page of settings: what may be set up, each with a sentence."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent_desktop.dependencies import Me, needs
from agent_desktop.navigation import settings_for
from agent_desktop.rendering import page
from crm_core.access.roles import Permission

router = APIRouter(prefix="/admin", dependencies=[needs(Permission.EDIT_WORKFORCE)])


@router.get("")
async def settings(request: Request, me: Me) -> Response:
    return page(request, "admin/settings.html", entries=settings_for(role.value for role in me.roles))
