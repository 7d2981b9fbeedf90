"""What leaves with a recording: a download with its reason, shares and their end, evidence packages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import whole
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.recordings.around import Around, around, shown_number
from agent_desktop.recordings.evidence_making import EvidenceMaker, hearable
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.recordings.taking_out import taking_out
from agent_desktop.rendering import page
from agent_desktop.sound_response import PRIVATE, SoundResponse
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.disclosure import packages, sharing
from crm_core.errors import Invalid
from recording.library import Library

router = APIRouter(prefix="/recordings", dependencies=[needs(Permission.TAKE_RECORDINGS_OUT)])


@router.post("/{recording}/download")
async def download(request: Request, session: Session, me: Me, recording: int) -> JSONResponse:
    """A link of one minute to the file; why it is taken is in the audit log before the answer goes out."""
    library: Library = request.app.state.library
    listener = await listener_of(session, me)
    await around(session, recording, listener)
    why = sharing.reason(text(await request.form(), "why"))
    token = await library.take_out(session, recording, listener, why=why, at=clock.now())
    return JSONResponse({"url": f"/recordings/file/{token}"}, headers=PRIVATE)


@router.get("/file/{token}")
async def send_file(request: Request, session: Session, me: Me, rendering: TheRendering, token: str) -> Response:
    library: Library = request.app.state.library
    row, file = await library.taken_out(session, token, await listener_of(session, me), at=clock.now())
    return SoundResponse(library.vault, file, saved_as=shown_number(row, rendering.site.zone))


@router.post("/{recording}/shares")
async def share(request: Request, session: Session, me: Me, recording: int) -> Response:
    """With a colleague, or with the dealer of a complaint."""
    found = await around(session, recording, await listener_of(session, me))
    form = await request.form()
    days, why = whole(text(form, "days")) or 0, text(form, "why")
    if text(form, "with") == "case":
        await sharing.share_with_case(
            session, recording, text(form, "case"), why=why, days=days, actor=me.number, at=clock.now()
        )
    else:
        await sharing.share_with_person(
            session, recording, text(form, "person"), why=why, days=days, actor=me.number, at=clock.now()
        )
    return await _block(request, session, me, found, "shares")


@router.post("/{recording}/shares/{share_id}/revoke")
async def revoke(request: Request, session: Session, me: Me, recording: int, share_id: int) -> Response:
    """It opens nothing from now on. NotFound for a share of another recording."""
    found = await around(session, recording, await listener_of(session, me))
    await sharing.revoke(session, recording, share_id, actor=me.number, at=clock.now())
    return await _block(request, session, me, found, "shares")


@router.post("/{recording}/evidence")
async def ask_for_evidence(request: Request, session: Session, me: Me, recording: int) -> Response:
    """Begins a package of this recording, or of every one of its call that this person may hear."""
    listener = await listener_of(session, me)
    found = await around(session, recording, listener)
    form = await request.form()
    chosen = found.others if text(form, "whole") else (found.recording,)
    numbers = hearable(chosen, listener)
    if not numbers:
        raise Invalid("There is no sound to put into a package.", field="why")
    why = sharing.reason(text(form, "why"))
    await packages.ask(session, recording, numbers, why=why, actor=me.number, at=clock.now())
    answer = await _block(request, session, me, found, "packages")
    maker: EvidenceMaker = request.app.state.evidence
    answer.background = BackgroundTask(maker.wake)  # the asking is committed by then
    return answer


@router.get("/{recording}/evidence")
async def show_packages(request: Request, session: Session, me: Me, recording: int) -> Response:
    """How far they are; the page asks again while one is being made."""
    found = await around(session, recording, await listener_of(session, me))
    return await _block(request, session, me, found, "packages")


@router.get("/{recording}/evidence/{package_id}")
async def send_package(request: Request, session: Session, me: Me, recording: int, package_id: int) -> Response:
    """The file, written into the audit log. NotFound when it is not ready, or its days are over."""
    listener = await listener_of(session, me)
    await around(session, recording, listener)
    maker: EvidenceMaker = request.app.state.evidence
    row, path = await maker.ready(session, recording, package_id, listener)
    await packages.taken(session, row, actor=me.number, at=clock.now())
    return FileResponse(path, media_type="application/zip", filename=row.file, headers=PRIVATE)


async def _block(request: Request, session: AsyncSession, me: SignedInUser, found: Around, block: str) -> Response:
    """One list of the dialogs, for the script that asked."""
    request.scope["headers"].append((b"hx-request", b"true"))
    values = await taking_out(request, session, me, found)
    return page(request, "recording/out.html", block, headers=PRIVATE, found=found, recording=found.recording, **values)
