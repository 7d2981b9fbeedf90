"""Queues: the list with what happens in each, and one queue's settings beside it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.forms import base_of, queue_from, require_numbers, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.dependencies import Session, TheDesk, needs
from agent_desktop.naming import names_for
from agent_desktop.ports import Telephony
from agent_desktop.rendering import language_of, page, translate
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.flows.queries import published_texts
from crm_core.workforce import queries, versions
from crm_core.workforce.checks import has_way_out
from crm_core.workforce.queue_actions import (
    levels_of_skills,
    new_queue_state,
    queue_state,
    remove_queue,
    save_queue,
    set_open_for_calls,
)
from ivr.flow_file import read_flow, shipped_flow

router = APIRouter(prefix="/admin/queues", dependencies=[needs(Permission.EDIT_WORKFORCE)])
NEW = "new"


async def menu_queues(session: AsyncSession) -> frozenset[str]:
    """The queues to which the menus in force send callers; the shipped one counts until another main is published."""
    flows = {"main": shipped_flow()}
    for one in await published_texts(session):
        with suppress(PlatformError):  # not readable for this version of the product: no caller meets it either
            flows[one.flow] = read_flow(one.text, version=one.version)
    return frozenset(node.queue for flow in flows.values() for node in flow.nodes.values() if hasattr(node, "queue"))


def waiting_in(telephony: Telephony) -> dict[str, int]:
    """Queue to how many callers wait or keep a place in it."""
    floor = telephony.floor()
    found: dict[str, int] = {}
    for queue in [*(one.queue for one in floor.waiting), *(one.queue for one in floor.callbacks)]:
        found[queue] = found.get(queue, 0) + 1
    return found


@router.get("")
async def show_queues(request: Request, session: Session, telephony: TheDesk, saved: int = 0) -> Response:
    return await _page(request, session, telephony, saved=saved)


@router.get("/{queue}")
async def show_queue(request: Request, session: Session, telephony: TheDesk, queue: str, saved: int = 0) -> Response:
    return await _page(request, session, telephony, queue, saved=saved)


@router.post("/{queue}")
async def save_one(edit: Edit, queue: str) -> Response:
    """A refusal shows the form again with everything that was typed."""
    form = await edit.form()
    typed = queue_from(form)
    chosen = text(form, "id").replace(NEW, "") if queue == NEW else queue

    async def work(session: AsyncSession) -> Any:
        require_numbers(typed)
        return await save_queue(session, chosen, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work)
    except PlatformError as refused:
        again = {**typed, "id": chosen, "errors": await edit.errors(refused)}
        return await _page(edit.request, edit.session, edit.telephony, queue, typed=again, status=refused.status)
    return back_to(f"/admin/queues/{chosen}", saved)


@router.post("/{queue}/intake")
async def switch_intake(edit: Edit, queue: str) -> Response:
    """Open or close a queue for new callers."""
    wanted = text(await edit.form(), "open") == "1"
    saved = await edit.save(lambda session: set_open_for_calls(session, queue, is_open=wanted, **edit.by))
    return back_to(f"/admin/queues/{queue}", saved)


@router.post("/{queue}/remove")
async def remove(edit: Edit, queue: str) -> Response:
    """Refused while callers wait, unless the queue may run empty first."""
    form = await edit.form()
    waiting = waiting_in(edit.telephony).get(queue, 0)

    async def work(session: AsyncSession) -> Any:
        return await remove_queue(
            session,
            queue,
            waiting=waiting,
            menu_queues=await menu_queues(session),
            run_empty=text(form, "run_empty") == "1",
            base=base_of(form),
            **edit.by,
        )

    try:
        saved = await edit.save(work)
    except PlatformError as refused:
        told = {"errors": {"remove": await edit.sentence(refused)}}
        return await _page(edit.request, edit.session, edit.telephony, queue, typed=told, status=refused.status)
    return back_to(f"/admin/queues/{queue}" if waiting else "/admin/queues", saved)


async def _page(
    request: Request,
    session: AsyncSession,
    telephony: Telephony,
    queue: str = "",
    *,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    """`typed` is what was refused, its "errors" by field."""
    rows = await queries.queues(session)
    states = {row.id: queue_state(row) for row in rows}
    if queue and queue != NEW and queue not in states:
        raise NotFound("There is no queue {queue}.", queue=queue)
    levels = await levels_of_skills(session)
    editing: dict[str, Any] | None = None
    if queue:
        editing = shown(states.get(queue) or {**new_queue_state(), "position": len(rows) + 1}, typed)
    return page(
        request,
        "admin/queues.html",
        status_code=status,
        queues=rows,
        chosen=queue,
        editing=editing,
        base=await versions.current_number(session, "queue", queue),
        errors=(typed or {}).get("errors", {}),
        saved=saved,
        waiting=waiting_in(telephony),
        levels=levels,
        stuck={row.id for row in rows if not has_way_out(row.id, states, levels)},
        in_menu=await menu_queues(session),
        named=names_for(language_of(request), {}, rows),
        skills=sorted({*levels, *(row.skill for row in rows)}),
        words=admin_words,
        strategies=[(code, translate(request, word)) for code, word in admin_words.STRATEGIES.items()],
        ways=[(code, translate(request, word)) for code, word in admin_words.WAYS_OUT.items()],
    )
