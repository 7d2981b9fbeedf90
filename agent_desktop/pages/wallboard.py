"""The wallboard: on a television (?tv=1), or in a window with the rail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, WebSocket
from fastapi.responses import Response

from agent_desktop.board.live import BoardHub
from agent_desktop.dependencies import Me, TheSignIns, needs
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import page
from crm_core.access.roles import Permission

router = APIRouter(dependencies=[needs(Permission.SEE_WALLBOARD)])


@router.get("/wallboard")
async def show_wallboard(
    request: Request, tv: bool = False, rotate: Annotated[int, Query(ge=0, le=3600)] = 20
) -> Response:
    """`rotate` is how many seconds a page of six queues stands; 0 = the first page only."""
    hub: BoardHub = request.app.state.board
    board = hub.snapshot()
    return page(
        request,
        "wallboard.html",
        tv=tv,
        rotate=rotate,
        number=board.number if board else 0,
        service_seconds=(board.heroes.service_seconds if board else None) or 20,
        message=(await hub.present()).replace("<", "\\u003c"),
        live_path="/wallboard/live",
    )


@router.websocket("/wallboard/live")
async def follow_wallboard(websocket: WebSocket, me: Me, sign_ins: TheSignIns) -> None:
    """Until the page goes away or its sign-in ends."""
    hub: BoardHub = websocket.app.state.board
    await push_to_person(websocket, me, sign_ins, hub.messages())
