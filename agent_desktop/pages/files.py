"""Downloads: a file goes to whoever may see the thing it is attached to, and never runs in our pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import FileResponse

from agent_desktop.dependencies import Me, Session, TheReach, needs
from agent_desktop.file_rights import CHECKS
from crm_core.errors import NotFound
from crm_core.files.access import may_have
from crm_core.files.kinds import SHOWN_IN_PAGES
from crm_core.files.store import file, path_of

router = APIRouter(prefix="/files", dependencies=[needs(None)])  # the subject says who may
_CHUNK = 256 * 1024


def files_folder(request: Request) -> Path:
    """Where the site keeps its files."""
    folder: Path = request.app.state.config.files
    return folder


async def chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    """An uploaded file as `crm_core.files.store.put` takes it."""
    while chunk := await upload.read(_CHUNK):
        yield chunk


@router.get("/{file_id}")
async def download(request: Request, session: Session, me: Me, reach: TheReach, file_id: int) -> FileResponse:
    """A foreign file is answered like an unknown one."""
    found = await file(session, file_id)
    if not await may_have(CHECKS, session, me, reach, found):
        raise NotFound("There is no such file.")
    path = path_of(files_folder(request), found.sha256)
    if not path.is_file():
        raise NotFound("The content of this file is missing. Add it again.")
    return FileResponse(
        path,
        media_type=found.media_type,
        filename=found.name,
        content_disposition_type="inline" if found.media_type in SHOWN_IN_PAGES else "attachment",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-cache",
        },
    )
