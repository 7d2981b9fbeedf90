"""The wallboards: on a television (?tv=1), or in a window with the rail. How they are edited: wallboard_edit.py."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, WebSocket
from fastapi.responses import Response
from starlette.requests import HTTPConnection

from agent_desktop.board.live import STANDARD_ID, BoardHub, BoardView
from agent_desktop.board.panels import Placed, placed
from agent_desktop.dependencies import Me, Session, TheSignIns, needs
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.boards import actions

router = APIRouter(dependencies=[needs(Permission.SEE_WALLBOARD)])
Chosen = Annotated[int, Query(ge=0, lt=2**31)]
Seconds = Annotated[int | None, Query(ge=0, le=3600)]


def the_boards(connection: HTTPConnection) -> BoardHub:
    hub: BoardHub = connection.app.state.board
    return hub


@router.get("/wallboard")
async def show_wallboard(
    request: Request, session: Session, me: Me, *, board: Chosen = STANDARD_ID, tv: bool = False, rotate: Seconds = None
) -> Response:
    """`rotate` is how many seconds a page stands, 0 = the first page only; without it the board says."""
    hub = the_boards(request)
    view = await hub.view(board)
    return page(
        request,
        "wallboard/board.html",
        **board_values(hub, view, rotate),
        tv=tv,
        live_path=f"/wallboard/live?board={board}",
        boards=() if tv else await actions.boards(session),
        may_edit=me.may(Permission.EDIT_BOARDS),
    )


def board_values(hub: BoardHub, view: BoardView, rotate: int | None = None) -> dict[str, Any]:
    """What the template of a board takes, whoever looks."""
    board, settings = hub.snapshot(view), view.settings
    pages: list[list[Placed]] = [[placed(panel) for panel in one] for one in settings.pages]
    return {
        "board": view,
        "panels": pages,
        "rotate": settings.rotate_seconds if rotate is None else rotate,
        "number": board.number if board else 0,
        "service_seconds": (board.heroes.service_seconds if board else None) or 20,
        "message": hub.present(view).replace("<", "\\u003c"),
        "setup": {
            "limits": dict(settings.limits),
            "sounds": settings.sounds,
            "theme": settings.theme,
            "light": (settings.light_from, settings.light_until),
            "revision": view.revision,
        },
    }


@router.websocket("/wallboard/live")
async def follow_wallboard(websocket: WebSocket, me: Me, sign_ins: TheSignIns, board: Chosen = STANDARD_ID) -> None:
    """Until the page goes away or its sign-in ends."""
    async with the_boards(websocket).watching(board) as messages:
        await push_to_person(websocket, me, sign_ins, messages)
