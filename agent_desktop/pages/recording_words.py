"""A person wants a talk's text now, whatever became of it before."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.recordings.around import around
from agent_desktop.recordings.hearing import listener_of
from crm_core.transcripts.queue import ask_for
from recording.library import NoSuchRecording

router = APIRouter(prefix="/recordings", dependencies=[needs(None)])  # who may hear it may read it


@router.post("/{recording}/transcribe")
async def transcribe(session: Session, me: Me, recording: int) -> Response:
    """It is next. NoSuchRecording, also for one that is not theirs or has no sound."""
    await around(session, recording, await listener_of(session, me))
    if not await ask_for(session, recording):
        raise NoSuchRecording("This talk has no recording to play.")
    return RedirectResponse(f"/recordings/{recording}#said", 303)
