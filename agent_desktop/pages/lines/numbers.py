"""Published numbers: by which trunks they come, and what answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import base_of, text
from agent_desktop.admin.saving import Edit, back_to
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.lines.inbound import missing_behind
from agent_desktop.lines.typed import digits_of, number_from
from agent_desktop.naming import names_for
from agent_desktop.pages.lines.saving import panel, save_lines
from agent_desktop.rendering import language_of, page
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.lines import number_actions, queries
from crm_core.lines.written import forms_by_number
from crm_core.workforce import versions
from crm_core.workforce.queries import queues

PATH = "/admin/lines/numbers"
NEW = "new"
router = APIRouter(prefix=PATH, dependencies=[needs(Permission.SEE_LINES)])
editing = needs(Permission.EDIT_LINES)


@router.get("")
async def show_numbers(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    return await _page(request, session, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.get("/{number}")
async def show_number(request: Request, session: Session, me: Me, *, number: str, saved: int = 0) -> Response:
    return await _page(request, session, number, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.post("/{number}", dependencies=[editing])
async def save(edit: Edit, number: str) -> Response:
    form = await edit.form()
    typed, chosen = number_from(form), digits_of(text(form, "number")) if number == NEW else number

    async def work(session: AsyncSession) -> Any:
        return await number_actions.save_number(session, chosen, typed, base=base_of(form), **edit.by)

    try:
        saved = await save_lines(edit, work)
    except PlatformError as refused:
        again = {**typed, "number": chosen, "errors": await edit.errors(refused)}
        return await _page(edit.request, edit.session, number, may_edit=True, typed=again, status=refused.status)
    return back_to(f"{PATH}/{chosen}", saved)


@router.post("/{number}/remove", dependencies=[editing])
async def remove(edit: Edit, number: str) -> Response:
    form = await edit.form()
    await save_lines(edit, lambda session: number_actions.remove_number(session, number, base=base_of(form), **edit.by))
    return RedirectResponse(PATH, 303)


async def _page(
    request: Request,
    session: AsyncSession,
    chosen: str = "",
    *,
    may_edit: bool,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    rows = {row.number: row for row in await queries.numbers(session)}
    if chosen and chosen != NEW and chosen not in rows:
        raise NotFound("The number {number} is not published.", number=chosen[:15])
    state = number_actions.number_state(rows[chosen]) if chosen in rows else dict(number_actions.FIRST)
    waiting = await queues(session)
    return page(
        request,
        "lines/numbers.html",
        status_code=status,
        numbers=list(rows.values()),
        of_settings=request.app.state.site.hotline_numbers,
        forms=forms_by_number(number for number, row in rows.items() if row.in_use),
        **panel(chosen, state, may_edit=may_edit, typed=typed),
        base=await versions.current_number(session, number_actions.NUMBER, chosen),
        trunks=[("settings", ""), *((row.id, row.name) for row in await queries.trunks(session))],
        menus=await number_actions.menus(session),
        queues=waiting,
        missing=await missing_behind(session, rows.values()),
        named=names_for(language_of(request), {}, waiting),
        saved=saved,
    )
