"""Whether talks become text while they go on: the site's switch, the queues without it, and what the machine can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import base_of, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.admin.words import RULES_TABS
from agent_desktop.dependencies import Session, needs
from agent_desktop.ports import Telephony
from agent_desktop.rendering import language_of, page
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.live_text import settings
from crm_core.live_text.rules import state_of
from crm_core.workforce import queries, versions

router = APIRouter(prefix="/admin/live-text", dependencies=[needs(Permission.EDIT_RULES)])


@router.get("")
async def show(request: Request, session: Session, saved: int = 0) -> Response:
    return await _page(request, session, saved=saved)


@router.post("")
async def save(edit: Edit) -> Response:
    """A queue whose box is not ticked has none. What was typed stays when it is refused."""
    form = await edit.form()
    known, ticked = form.getlist("queue"), set(form.getlist("in"))
    typed = {"on": text(form, "on") == "1", "off_in": sorted({str(one) for one in known if one not in ticked})}

    async def work(session: AsyncSession) -> Any:
        return await settings.save_live_text(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, typed=typed, errors=errors, status=refused.status)
    return back_to("/admin/live-text", saved)


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    telephony: Telephony = request.app.state.telephony
    english = language_of(request) == "en"
    return page(
        request,
        "admin/live_text.html",
        status_code=status,
        rules=shown(state_of(await settings.live_text_rules(session)), typed),
        queues=[(row.id, row.name_en if english else row.name_zh) for row in await queries.queues(session)],
        figures=telephony.texts.figures,
        errors=errors or {},
        base=await versions.current_number(session, settings.KIND, settings.SUBJECT),
        saved=saved,
        tabs=RULES_TABS,
    )
