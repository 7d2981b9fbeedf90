"""One recording on its page: its waveform, leave to listen (audited), and the sound itself with HTTP ranges."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from agent_desktop.admin.forms import text
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.quality import words as quality_words
from agent_desktop.quality.panel import for_script, panel_of
from agent_desktop.recordings.around import around
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.recordings.taking_out import taking_out
from agent_desktop.recordings.transcript_part import written
from agent_desktop.rendering import language_of, page
from agent_desktop.sound_response import PRIVATE, SoundResponse
from crm_core import clock
from crm_core.access.roles import Permission
from recording.library import LINK_SECONDS, Library
from recording.verifying import Verifier, Wanted

router = APIRouter(prefix="/recordings", dependencies=[needs(None)])  # the library asks who may hear what
ALIVE = "hl_alive"


@router.get("/{recording}")
async def show_recording(request: Request, session: Session, me: Me, recording: int, *, form: int = 0) -> Response:
    """The player, the transcript, the scoring beside it. Raises NoSuchRecording, also for one that is not theirs."""
    found = await around(session, recording, await listener_of(session, me))
    judging = await panel_of(session, me, recording, form=form)
    return page(
        request,
        "recording/page.html",
        found=found,
        recording=found.recording,
        stretches=[{"kind": one.kind, "began": one.began, "ended": one.ended} for one in found.marks],
        sees_contact=me.may(Permission.SEE_CUSTOMERS),
        quality=judging,
        judge_data=for_script(judging.using) if judging and judging.using else None,
        quality_words=quality_words,
        **await written(session, recording, language_of(request)),
        **await taking_out(request, session, me, found),
    )


@router.get("/{recording}/seal")
async def show_seal(request: Request, session: Session, me: Me, recording: int) -> Response:
    """Its bytes are compared with the seal now: where it is large or lies elsewhere, that takes a moment."""
    found = await around(session, recording, await listener_of(session, me))
    state = request.app.state
    checked = await Verifier(state.db, state.vault, Wanted()).one(recording) if found.recording.sha256 else None
    return page(request, "recording/seal.html", recording=found.recording, checked=checked)


@router.get("/{recording}/text")
async def show_text(request: Request, session: Session, me: Me, recording: int) -> Response:
    """What was said, as far as it is written down by now: for a page that waits for it."""
    found = await around(session, recording, await listener_of(session, me))
    told = await written(session, recording, language_of(request))
    return page(request, "recording/text.html", found=found, recording=found.recording, **told)


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


@router.post("/{recording}/alive")
async def keep_alive(request: Request, session: Session, me: Me, recording: int) -> Response:
    """The page that plays is still open: its link works a minute longer, in this browser only. LinkExpired."""
    library: Library = request.app.state.library
    token, at = text(await request.form(), "token"), clock.now()
    sign = await library.keep_alive(session, recording, token, await listener_of(session, me), at=at)
    answer = Response(status_code=204, headers=PRIVATE)
    secure = request.app.state.config.secure
    path = f"/recordings/audio/{token}"
    answer.set_cookie(ALIVE, sign, max_age=LINK_SECONDS, path=path, httponly=True, samesite="strict", secure=secure)
    return answer


@router.get("/audio/{token}")
async def send_audio(request: Request, session: Session, me: Me, token: str) -> Response:
    library: Library = request.app.state.library
    alive = request.cookies.get(ALIVE, "")
    file = await library.file_of(session, token, await listener_of(session, me), at=clock.now(), alive=alive)
    return SoundResponse(library.vault, file)
