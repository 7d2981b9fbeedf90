"""The register of contact points (B-106): every place where customers meet us, and what came through each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.leads import words as lead_words
from agent_desktop.leads.forms import typed_of
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.leads.touchpoints import KINDS, save_touchpoint, touchpoint_lines

router = APIRouter(prefix="/leads/touchpoints", dependencies=[needs(Permission.WORK_LEADS)])
DAYS = (7, 30, 90)


@router.get("")
async def show_touchpoints(request: Request, session: Session, me: Me, days: int = 30, edit: str = "") -> Response:
    return await _page(request, session, days=days, edit=edit, may_edit=me.may(Permission.EDIT_RULES))


@router.post("", dependencies=[needs(Permission.EDIT_RULES)])
async def keep(edit: Edit) -> Response:
    form = await edit.form()
    new = text(form, "new") == "1"
    names = ("kind", "name_zh", "name_en", "address", "owner")
    facts: dict[str, Any] = {name: text(form, name) for name in names}
    facts["active"] = text(form, "active") == "1"

    async def work(session: AsyncSession) -> Any:
        return await save_touchpoint(session, text(form, "code"), new=new, **{**facts, **edit.by})

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        errors, chosen = await edit.errors(refused), "new" if new else text(form, "code")
        return await _page(
            edit.request,
            edit.session,
            days=30,
            edit=chosen,
            may_edit=True,
            typed=typed_of(form),
            errors=errors,
            status=refused.status,
        )
    return RedirectResponse("/leads/touchpoints", 303)


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    days: int,
    edit: str,
    may_edit: bool,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    days = days if days in DAYS else 30
    lines = await touchpoint_lines(session, now=clock.now(), days=days)
    chosen = next((line.point for line in lines if line.point.code == edit), None)
    return page(
        request,
        "leads/touchpoints.html",
        status_code=status,
        lines=lines,
        days=days,
        choices=DAYS,
        edit=edit if chosen or edit == "new" else "",
        point=chosen,
        typed=typed or {},
        errors=errors or {},
        kinds=KINDS,
        may_edit=may_edit,
        lw=lead_words,
    )
