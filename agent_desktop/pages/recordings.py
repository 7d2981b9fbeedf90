"""One recording on its page: its waveform, leave to listen (audited), and the sound itself with HTTP ranges."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.quality import words as quality_words
from agent_desktop.quality.panel import for_script, panel_of
from agent_desktop.recordings.around import around, shown_number
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.recordings.transcript_part import written
from agent_desktop.rendering import language_of, page
from agent_desktop.sound_response import PRIVATE, SoundResponse
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.workforce.queries import names, queues
from recording.library import Library

router = APIRouter(prefix="/recordings", dependencies=[needs(None)])  # the library asks who may hear what


@router.get("/{recording}")
async def show_recording(
    request: Request, session: Session, me: Me, rendering: TheRendering, recording: int, *, form: int = 0
) -> Response:
    """The player, the transcript, the scoring beside it. Raises NoSuchRecording, also for one that is not theirs."""
    found = await around(session, recording, await listener_of(session, me))
    judging = await panel_of(session, me, recording, form=form)
    return page(
        request,
        "recording/page.html",
        found=found,
        recording=found.recording,
        number=shown_number(found.recording, rendering.site.zone),
        named=names_for(language_of(request), await names(session), await queues(session)),
        sees_contact=me.may(Permission.SEE_CUSTOMERS),
        quality=judging,
        judge_data=for_script(judging.using) if judging and judging.using else None,
        quality_words=quality_words,
        **await written(session, recording, language_of(request)),
    )


@router.get("/{recording}/peaks")
async def show_peaks(request: Request, session: Session, me: Me, recording: int) -> JSONResponse:
    """Up to 800 levels between 0 and 1 per side."""
    library: Library = request.app.state.library
    peaks = await library.peaks(session, recording, await listener_of(session, me))
    return JSONResponse(asdict(peaks), headers=PRIVATE)


@router.post("/{recording}/listen")
async def listen(request: Request, session: Session, me: Me, recording: int) -> JSONResponse:
    """A link for one minute and this person; the listening is in the audit log before the answer goes out."""
    library: Library = request.app.state.library
    leave = await library.listen(session, recording, await listener_of(session, me), at=clock.now())
    return JSONResponse({"url": f"/recordings/audio/{leave.token}"}, headers=PRIVATE)


@router.get("/audio/{token}")
async def send_audio(request: Request, session: Session, me: Me, token: str) -> Response:
    library: Library = request.app.state.library
    file = await library.file_of(session, token, await listener_of(session, me), at=clock.now())
    return SoundResponse(library.vault, file)
