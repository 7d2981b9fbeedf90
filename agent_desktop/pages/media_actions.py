"""What ran in the media, where and when: the list that the report on media effect measures (B-184)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.rendering import page
from agent_desktop.reports.media_report import MEDIA
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.media.actions import Wanted, media_actions, remove_media_action, save_media_action
from reports.media_queries import regions

router = APIRouter(prefix="/reports/media/actions", dependencies=[needs(Permission.SEE_REPORTS)])
write = needs(Permission.RUN_CAMPAIGNS)


@router.get("")
async def show_media_actions(request: Request, session: Session, me: Me, edit: int = 0, new: int = 0) -> Response:
    return await _page(request, session, may_write=me.may(Permission.RUN_CAMPAIGNS), edit=edit, new=bool(new))


@router.post("", dependencies=[write])
async def keep_media_action(edit: Edit) -> Response:
    form = await edit.form()
    number = int(text(form, "id")) if text(form, "id").isdecimal() and len(text(form, "id")) < 10 else 0
    chosen = [str(one) for one in form.getlist("regions")]

    async def work(session: AsyncSession) -> None:
        cost = text(form, "cost_yuan").strip() or "0"
        wanted = Wanted(
            name=text(form, "name"),
            medium=text(form, "medium"),
            regions=chosen,
            first_day=_day(text(form, "first_day")),
            last_day=_day(text(form, "last_day")),
            cost_yuan=int(cost) if cost.isdecimal() and len(cost) < 12 else -1,
            note=text(form, "note"),
        )
        await save_media_action(session, number, wanted, known_regions=await regions(session), **edit.by)

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        typed: dict[str, Any] = {name: text(form, name) for name in form if name != "csrf_token"}
        return await _page(
            edit.request, edit.session, may_write=True, edit=number, new=not number, typed={**typed, "regions": chosen},
            errors=await edit.errors(refused), status=refused.status,
        )  # fmt: skip
    return RedirectResponse("/reports/media/actions", 303)


@router.post("/{action_id:int}/remove", dependencies=[write])
async def remove(edit: Edit, action_id: int) -> Response:
    return await _moved(edit, action_id, back=False)


@router.post("/{action_id:int}/restore", dependencies=[write])
async def restore(edit: Edit, action_id: int) -> Response:
    return await _moved(edit, action_id, back=True)


async def _moved(edit: Edit, action_id: int, *, back: bool) -> Response:
    async def work(session: AsyncSession) -> None:
        await remove_media_action(session, action_id, back=back, **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse("/reports/media/actions", 303)


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    may_write: bool,
    edit: int = 0,
    new: bool = False,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    rows = await media_actions(session, removed=True)
    chosen = next((row for row in rows if row.id == edit), None)
    return page(
        request,
        "bulletins/media.html",
        status_code=status,
        rows=rows,
        media=MEDIA,
        regions=await regions(session),
        chosen=chosen,
        open=may_write and (new or chosen is not None),
        typed=typed or {},
        errors=errors or {},
        may_write=may_write,
    )
