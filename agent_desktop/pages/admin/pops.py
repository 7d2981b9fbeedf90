"""Interfaces: addresses of other CRMs that an agent's browser opens for a call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin import keys_words
from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.integration.screen_pop import SAMPLE, check_template, fill
from crm_core.integration.screen_pops import allow_host, forbid_host, hosts, pops, remove_pop, save_pop
from crm_core.integration.webhooks import webhooks

router = APIRouter(prefix="/admin/keys/pops", dependencies=[needs(Permission.MANAGE_KEYS)])
PATH = "/admin/keys/pops"


@router.get("")
async def show_pops(edit: Edit) -> Response:
    return await _pops(edit)


@router.get("/preview")
async def preview(edit: Edit, template: Annotated[str, Query(max_length=600)] = "") -> JSONResponse:
    """The address filled with a sample call, or what is wrong with it: asked while it is typed."""
    try:
        told = {"url": fill(check_template(template, await hosts(edit.session)), SAMPLE)}
    except PlatformError as refused:
        told = {"error": translate(edit.request, refused.message_id, **refused.values)}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/hosts")
async def allow(edit: Edit) -> Response:
    host = text(await edit.form(), "host")
    return await _saved(edit, lambda session: allow_host(session, host, **edit.by), {"host": host})


@router.post("/hosts/remove")
async def forbid(edit: Edit) -> Response:
    host = text(await edit.form(), "host")
    return await _saved(edit, lambda session: forbid_host(session, host, **edit.by), {})


@router.get("/{pop}")
async def show_pop(edit: Edit, pop: str) -> Response:
    return await _pops(edit, pop)


@router.post("/{pop}")
async def save(edit: Edit, pop: str) -> Response:
    form = await edit.form()
    typed: dict[str, Any] = {name: text(form, name) for name in ("name", "template", "moment", "opens")}
    typed["active"] = text(form, "active") == "1"
    number = None if pop == "new" else _number(pop)
    return await _saved(edit, lambda session: save_pop(session, number, **typed, **edit.by), typed, chosen=pop)


@router.post("/{pop}/remove")
async def remove(edit: Edit, pop: str) -> Response:
    number = _number(pop)
    return await _saved(edit, lambda session: remove_pop(session, number, **edit.by), {})


def _choices(edit: Editor, words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, translate(edit.request, word)) for code, word in words.items()]


def _number(pop: str) -> int:
    if not pop.isascii() or not pop.isdigit() or len(pop) > 9:
        raise NotFound("There is no such address.")
    return int(pop)


async def _saved(
    edit: Editor, work: Callable[[AsyncSession], Awaitable[Any]], typed: Mapping[str, Any], *, chosen: str = ""
) -> Response:
    try:
        await edit.save(work, tell=False)
    except NotFound:
        raise
    except PlatformError as refused:
        return await _pops(edit, chosen, typed=typed, errors=await edit.errors(refused), status=refused.status)
    return RedirectResponse(PATH, 303)


async def _pops(
    edit: Editor,
    chosen: str = "",
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    rows = await pops(edit.session)
    one = next((pop for pop in rows if str(pop.id) == chosen), None)
    if chosen not in ("", "new") and one is None:
        raise NotFound("There is no such address.")
    return page(
        edit.request,
        "keys/pops.html",
        status_code=status,
        rows=rows,
        hosts=await hosts(edit.session),
        chosen=chosen,
        one=one,
        typed=typed or {},
        errors=errors or {},
        shown={pop.id: fill(pop.template, SAMPLE) for pop in rows},
        paused=[hook for hook in await webhooks(edit.session) if hook.paused_at and hook.pause_reason != "by_hand"],
        words=keys_words,
        moments=_choices(edit, keys_words.MOMENTS),
        ways=_choices(edit, keys_words.WAYS),
        saved=0,
    )
