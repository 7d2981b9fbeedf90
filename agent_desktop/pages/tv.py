"""A screen on the wall: its link becomes a cookie that opens one wallboard and no other page, and never ends."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, WebSocket
from fastapi.responses import RedirectResponse, Response
from starlette.requests import HTTPConnection

from agent_desktop.board.live import STANDARD_ID
from agent_desktop.dependencies import TheDatabase, TheSignIns, anyone
from agent_desktop.pages.wallboard import board_values, the_boards
from agent_desktop.pushing import push
from agent_desktop.rendering import page
from agent_desktop.security import SCREEN_COOKIE, keep_screen
from agent_desktop.site import Viewer
from crm_core import clock
from crm_core.boards.model import BoardScreen
from crm_core.boards.screens import screen_of, works
from crm_core.db import Database
from crm_core.errors import NotAllowed, NotFound

router = APIRouter(prefix="/tv", dependencies=[anyone])


class ScreenRefused(NotAllowed):
    """No token, an unknown or a revoked one, or one used from elsewhere: the answer does not tell which."""

    def __init__(self) -> None:
        super().__init__("This link shows no wallboard. Ask a supervisor for a new one.")


async def _screen(db: Database, connection: HTTPConnection, token: str) -> BoardScreen:
    address = connection.client.host if connection.client else ""
    async with db.begin() as session:
        screen = await screen_of(session, token[:100], address, clock.now())
    if screen is None:
        raise ScreenRefused
    return screen


async def the_screen(connection: HTTPConnection, db: TheDatabase) -> BoardScreen:
    """The screen behind the cookie. Raises ScreenRefused."""
    return await _screen(db, connection, connection.cookies.get(SCREEN_COOKIE, ""))


TheScreen = Annotated[BoardScreen, Depends(the_screen)]


@router.get("/{token}")
async def begin(request: Request, db: TheDatabase, token: str) -> Response:
    """Swap the token for the cookie, so that it stands in no address and no history."""
    address = request.client.host if request.client else ""
    await request.app.state.sign_in_limit.check(address)
    try:
        await _screen(db, request, token)
    except ScreenRefused as refused:
        return _nothing(request, refused.message_id, refused.status)
    answer = RedirectResponse("/tv", 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    keep_screen(answer, token, secure=request.app.state.config.secure)
    return answer


@router.get("")
async def show(request: Request, db: TheDatabase) -> Response:
    """The board of this screen; each visit makes the cookie last anew."""
    try:
        screen = await the_screen(request, db)
        _speaks(request, screen)
        hub = the_boards(request)
        view = await hub.view(screen.board_id or STANDARD_ID)
    except (ScreenRefused, NotFound) as refused:
        return _nothing(request, refused.message_id, refused.status)
    values = board_values(hub, view)
    answer = page(request, "wallboard/board.html", **values, tv=True, live_path="/tv/live", boards=(), may_edit=False)
    keep_screen(answer, request.cookies[SCREEN_COOKIE], secure=request.app.state.config.secure)
    return answer


@router.websocket("/live")
async def follow(websocket: WebSocket, db: TheDatabase, sign_ins: TheSignIns, screen: TheScreen) -> None:
    """Until the page goes away or the screen is revoked."""
    async with the_boards(websocket).watching(screen.board_id or STANDARD_ID) as messages:
        await push(websocket, messages, lambda: sign_ins.over_when(lambda session: works(session, screen.id)))


def _speaks(request: Request, screen: BoardScreen) -> None:
    """The page is drawn in the screen's language, for somebody without a name and without rights."""
    request.state.viewer = Viewer(number="", name="", roles=(), language=screen.language, theme="dark", csrf_token="")


def _nothing(request: Request, sentence: str, status: int) -> Response:
    """A sentence on the wall, and another look in a while: a board that was removed may come back."""
    return page(request, "wallboard/nothing.html", status_code=status, sentence=sentence)
