"""Filling a campaign's list: from a segment, from numbers that are pasted or brought as a file, and its check."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from agent_desktop.admin.forms import number, text
from agent_desktop.campaigns.reader import TheLook
from agent_desktop.config import WebConfig
from agent_desktop.dependencies import needs
from crm_core.access.roles import Permission
from crm_core.campaigns import filling, list_check, undoing, works
from crm_core.errors import Invalid

router = APIRouter(
    prefix="/campaigns/{campaign_id:int}/fill",
    dependencies=[needs(Permission.SEE_CAMPAIGNS), needs(Permission.RUN_CAMPAIGNS)],
)
MOST_BYTES = 64 * 1024 * 1024  # a million lines with a name beside the number


@router.post("/segment")
async def from_segment(look: TheLook, campaign_id: int) -> Response:
    chosen = number(text(await look.request.form(), "segment"))
    if not isinstance(chosen, int) or not chosen:
        raise Invalid("Choose from the list.", field="segment")
    await filling.fill_from_segment(look.session, campaign_id, chosen, **look.by)
    return _back(campaign_id)


@router.post("/numbers")
async def from_numbers(look: TheLook, campaign_id: int) -> Response:
    """What was pasted, or the file when one was chosen; what is no ASCII in it does not matter."""
    lines = await _lines(await look.request.form(max_part_size=MOST_BYTES))
    folder = _config(look.request).imports
    await filling.fill_from_numbers(look.session, campaign_id, lines, folder, **look.by)
    return _back(campaign_id)


@router.post("/check")
async def check(look: TheLook, campaign_id: int) -> Response:
    await list_check.check_list(look.session, campaign_id, **look.by)
    return _back(campaign_id)


@router.post("/import")
async def from_import(look: TheLook, campaign_id: int) -> Response:
    """The people of a list that was taken over, by their telephone numbers."""
    chosen = number(text(await look.request.form(), "import"))
    if not isinstance(chosen, int) or not 0 < chosen < 2**31:
        raise Invalid("Choose from the list.", field="import")
    await filling.fill_from_import(look.session, campaign_id, chosen, _config(look.request).imports, **look.by)
    return _back(campaign_id)


@router.post("/{work_id:int}/stop")
async def stop(look: TheLook, campaign_id: int, work_id: int) -> Response:
    """What is being done to the list ends after its batch; what was done stays."""
    await works.stop(look.session, campaign_id, _known(work_id), **look.by)
    return _back(campaign_id)


@router.post("/{work_id:int}/undo")
async def undo(look: TheLook, campaign_id: int, work_id: int) -> Response:
    """Whom a fill added and nobody called yet leaves the list."""
    await undoing.undo_fill(look.session, campaign_id, _known(work_id), **look.by)
    return _back(campaign_id)


def _known(work_id: int) -> int:
    """A number that a row can have."""
    return min(work_id, 2**31 - 1)


async def _lines(form: FormData) -> bytes:
    brought = form.get("file")
    if not isinstance(brought, UploadFile) or not brought.filename:
        return text(form, "numbers").encode()
    whole = await brought.read(MOST_BYTES + 1)
    if len(whole) > MOST_BYTES:
        raise Invalid("The file is larger than {most} MB.", most=MOST_BYTES // 1024 // 1024, field="file")
    return whole


def _config(request: Request) -> WebConfig:
    config: WebConfig = request.app.state.config
    return config


def _back(campaign_id: int) -> Response:
    return RedirectResponse(f"/campaigns/{campaign_id}/entries", 303)
