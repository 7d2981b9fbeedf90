"""An agent at the desk takes the voice message that is offered, or lets it pass."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.live import TheHub
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.callbacks.actions import give_back
from crm_core.callbacks.actions import take as take_message

router = APIRouter(prefix="/api/messages", dependencies=[needs(Permission.TAKE_CALLS)])

Message = Annotated[str, Body(embed=True, max_length=64)]


@router.post("/take")
async def take(session: Session, me: Me, hub: TheHub, message: Message) -> JSONResponse:
    """Refused when a colleague has it already."""
    await take_message(session, message, actor=me.number, at=clock.now())
    return JSONResponse({}, background=BackgroundTask(hub.refreshed, me.number))


@router.post("/return")
async def give_it_back(session: Session, me: Me, hub: TheHub, message: Message) -> JSONResponse:
    """What is offered, or what one has taken: somebody else gets it."""
    await give_back(session, message, actor=me.number, at=clock.now())
    return JSONResponse({}, background=BackgroundTask(hub.refreshed, me.number))
