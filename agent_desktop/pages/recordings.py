"""Hearing a recording: its waveform, leave to listen (audited), and the sound itself with HTTP ranges."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from agent_desktop.dependencies import Me, Session, needs
from crm_core import clock
from crm_core.access.actions import SignedInUser
from recording.library import AUDIO_TYPE, Library
from recording.policy import Listener

router = APIRouter(prefix="/recordings", dependencies=[needs(None)])  # the library asks who may hear what
_PRIVATE = {"Cache-Control": "private, no-store"}


def listener_of(me: SignedInUser) -> Listener:
    return Listener(number=me.number, roles=me.roles)


@router.get("/{recording}/peaks")
async def show_peaks(request: Request, session: Session, me: Me, recording: int) -> JSONResponse:
    """Up to 800 levels between 0 and 1 per side."""
    library: Library = request.app.state.library
    return JSONResponse(asdict(await library.peaks(session, recording, listener_of(me))), headers=_PRIVATE)


@router.post("/{recording}/listen")
async def listen(request: Request, session: Session, me: Me, recording: int) -> JSONResponse:
    """A link for one minute and this person; the listening is in the audit log before the answer goes out."""
    library: Library = request.app.state.library
    leave = await library.listen(session, recording, listener_of(me), at=clock.now())
    return JSONResponse({"url": f"/recordings/audio/{leave.token}"}, headers=_PRIVATE)


@router.get("/audio/{token}")
async def send_audio(request: Request, session: Session, me: Me, token: str) -> Response:
    library: Library = request.app.state.library
    path = await library.file_of(session, token, listener_of(me), at=clock.now())
    return FileResponse(path, media_type=AUDIO_TYPE, headers=_PRIVATE)
