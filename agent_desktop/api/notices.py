"""An agent has read a line that somebody put on the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from agent_desktop.dependencies import Me, needs
from agent_desktop.live import TheHub
from crm_core.access.roles import Permission

router = APIRouter(prefix="/api/notices", dependencies=[needs(Permission.TAKE_CALLS)])


@router.post("/read")
async def read(me: Me, hub: TheHub, number: Annotated[int, Body(embed=True)]) -> JSONResponse:
    """Only one's own lines; a second time changes nothing."""
    return JSONResponse({}, background=BackgroundTask(hub.notice_read, me.number, number))
