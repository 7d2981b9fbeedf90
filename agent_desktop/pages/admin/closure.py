"""The emergency switch: the hotline, or some of its numbers, closed by a person. In effect for the next call."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import needs
from agent_desktop.pages.admin.hours import closure_prompts, hours_page
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, PlatformError
from crm_core.workforce.fields import Unusable
from crm_core.workforce.hours_actions import close_hotline, open_hotline

router = APIRouter(prefix="/admin/closure", dependencies=[needs(Permission.EDIT_WORKFORCE)])


@router.post("")
async def close(edit: Edit) -> Response:
    """Callers who wait already are served; only new calls hear the announcement."""
    form = await edit.form()
    typed: dict[str, Any] = {name: text(form, name) for name in ("prompt", "reason", "ends_at")}
    typed["entries"] = [str(one) for one in form.getlist("entries")]

    async def work(session: AsyncSession) -> Any:
        if typed["prompt"] not in closure_prompts():
            raise Unusable([Invalid("Choose an announcement.", field="prompt")])
        wanted = {**typed, "ends_at": _local(typed["ends_at"], edit.request.app.state.site.zone)}
        return await close_hotline(session, **wanted, **edit.by)

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        told = {**typed, "errors": await edit.errors(refused)}
        return await hours_page(edit, closing=told, status=refused.status)
    return RedirectResponse("/admin/hours", 303)


@router.post("/{closure}/end")
async def reopen(edit: Edit, closure: int) -> Response:
    await edit.save(lambda session: open_hotline(session, closure, **edit.by), tell=False)
    return RedirectResponse("/admin/hours", 303)


def _local(typed: str, zone: tzinfo) -> datetime | None:
    """A time of the site as typed; None = no end."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        raise Unusable([Invalid("Choose a time.", field="ends_at")]) from None
