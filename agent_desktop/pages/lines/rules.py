"""How calls go out, and how much may go: the number that is shown, the order of trunks, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import base_of
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.lines import words
from agent_desktop.lines.typed import limits_from, outgoing_from
from agent_desktop.pages.lines.saving import save_lines
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.campaigns.queries import campaigns
from crm_core.errors import PlatformError
from crm_core.lines import limits, outgoing, queries, settings
from crm_core.workforce import versions

OUTGOING, LIMITS = "/admin/lines/outgoing", "/admin/lines/limits"
router = APIRouter(prefix="/admin/lines", dependencies=[needs(Permission.SEE_LINES)])
editing = needs(Permission.EDIT_LINES)
Typed = Mapping[str, Any] | None
SHOWN_CAMPAIGNS = 60


@router.get("/outgoing")
async def show_outgoing(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    return await _outgoing(request, session, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.post("/outgoing", dependencies=[editing])
async def save_outgoing(edit: Edit) -> Response:
    form = await edit.form()
    typed = outgoing_from(form)

    async def work(session: AsyncSession) -> Any:
        return await settings.save_outgoing(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await save_lines(edit, work)
    except PlatformError as refused:
        again = {**typed, "errors": await edit.errors(refused)}
        return await _outgoing(edit.request, edit.session, may_edit=True, typed=again, status=refused.status)
    return back_to(OUTGOING, saved)


async def _outgoing(
    request: Request, session: AsyncSession, *, may_edit: bool, typed: Typed = None, status: int = 200, saved: int = 0
) -> Response:
    state = outgoing.state_of(await settings.outgoing_rules(session))
    known = await queries.served_numbers(session, request.app.state.site.hotline_numbers)
    return page(
        request,
        "lines/outgoing.html",
        status_code=status,
        rules=shown(state, typed),
        trunks=[("settings", ""), *((row.id, row.name) for row in await queries.trunks(session) if row.in_use)],
        campaigns=(await campaigns(session))[:SHOWN_CAMPAIGNS],
        numbers=known,
        errors=(typed or {}).get("errors", {}),
        base=await versions.current_number(session, settings.OUTGOING, settings.SUBJECT),
        may_edit=may_edit,
        saved=saved,
        tabs=words.TABS,
        words=words,
    )


@router.get("/limits")
async def show_limits(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    return await _limits(request, session, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.post("/limits", dependencies=[editing])
async def save_limits(edit: Edit) -> Response:
    form = await edit.form()
    typed = limits_from(form)

    async def work(session: AsyncSession) -> Any:
        return await settings.save_dial_limits(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await save_lines(edit, work)
    except PlatformError as refused:
        again = {**typed, "errors": await edit.errors(refused)}
        return await _limits(edit.request, edit.session, may_edit=True, typed=again, status=refused.status)
    return back_to(LIMITS, saved)


async def _limits(
    request: Request, session: AsyncSession, *, may_edit: bool, typed: Typed = None, status: int = 200, saved: int = 0
) -> Response:
    state = limits.state_of(await settings.dial_limits(session)) | {"why": ""}
    return page(
        request,
        "lines/limits.html",
        status_code=status,
        rules=shown(state, typed),
        errors=(typed or {}).get("errors", {}),
        base=await versions.current_number(session, settings.LIMITS, settings.SUBJECT),
        may_edit=may_edit,
        saved=saved,
        tabs=words.TABS,
        words=words,
    )
