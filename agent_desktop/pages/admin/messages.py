"""The rules of voice messages: how soon they are due, whom a late one is told to, how long one is offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.admin.words import RULES_TABS
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.callbacks import settings
from crm_core.callbacks.rules import LIMITS, state_of
from crm_core.errors import PlatformError
from crm_core.workforce import versions

router = APIRouter(prefix="/admin/messages", dependencies=[needs(Permission.EDIT_RULES)])


@router.get("")
async def show_rules(request: Request, session: Session, saved: int = 0) -> Response:
    return await _page(request, session, saved=saved)


@router.post("")
async def save(edit: Edit) -> Response:
    """What was typed stays when it is refused."""
    form = await edit.form()
    typed = _from(form)

    async def work(session: AsyncSession) -> Any:
        return await settings.save_message_rules(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, typed=typed, errors=errors, status=refused.status)
    return back_to("/admin/messages", saved)


def _from(form: FormData) -> dict[str, Any]:
    state: dict[str, Any] = {name: number(text(form, name)) for name, *_ in LIMITS}
    return state | {"offered": text(form, "offered") == "1"}


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    known = state_of(await settings.message_rules(session))
    return page(
        request,
        "admin/messages.html",
        status_code=status,
        rules=shown(known, typed),
        errors=errors or {},
        base=await versions.current_number(session, settings.KIND, settings.SUBJECT),
        saved=saved,
        tabs=RULES_TABS,
    )
