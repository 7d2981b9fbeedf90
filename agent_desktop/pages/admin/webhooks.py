"""Interfaces: the places that are told of events, and the log of what they answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin import keys_words
from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, PlatformError
from crm_core.integration import webhooks as hooks
from crm_core.integration.deliver import WEBHOOK, send_test
from crm_core.integration.model import Webhook
from crm_core.jobs.model import Job

router = APIRouter(prefix="/admin/keys/webhooks", dependencies=[needs(Permission.MANAGE_KEYS)])


@router.get("")
async def show_webhooks(edit: Edit) -> Response:
    return await _webhooks(edit)


@router.get("/new")
async def show_new_webhook(edit: Edit) -> Response:
    return await _webhooks(edit, "new")


@router.get("/{webhook}")
async def show_webhook(edit: Edit, webhook: int, before: int = 0, did: str = "") -> Response:
    return await _webhooks(edit, str(webhook), more={"before": max(0, min(before, 2**31 - 1)), "did": did})


@router.post("/new")
async def subscribe(edit: Edit) -> Response:
    """The secret is on this answer; later a new one can be made."""
    typed = _typed(await edit.form())
    try:
        made = await edit.save(lambda session: hooks.subscribe(session, **typed, **edit.by), tell=False)
    except PlatformError as refused:
        return await _refused(edit, "new", typed, refused)
    return await _webhooks(edit, str(made.id), more={"secret": made.secret})


@router.post("/{webhook}")
async def change(edit: Edit, webhook: int) -> Response:
    typed = _typed(await edit.form())
    try:
        await edit.save(lambda session: hooks.change(session, webhook, **typed, **edit.by), tell=False)
    except PlatformError as refused:
        return await _refused(edit, str(webhook), typed, refused)
    return RedirectResponse(f"/admin/keys/webhooks/{webhook}?did=saved", 303)


@router.post("/{webhook}/secret")
async def turn_secret(edit: Edit, webhook: int) -> Response:
    turned = await edit.save(lambda session: hooks.turn_secret(session, webhook, **edit.by), tell=False)
    return await _webhooks(edit, str(webhook), more={"secret": turned.secret})


@router.post("/{webhook}/pause")
async def pause(edit: Edit, webhook: int) -> Response:
    return await _done(edit, webhook, lambda session: hooks.pause(session, webhook, **edit.by), "paused")


@router.post("/{webhook}/resume")
async def resume(edit: Edit, webhook: int) -> Response:
    return await _done(edit, webhook, lambda session: hooks.resume(session, webhook, **edit.by), "resumed")


@router.post("/{webhook}/replay")
async def replay(edit: Edit, webhook: int) -> Response:
    """Everything from a moment on, again."""
    typed = text(await edit.form(), "since")
    zone = edit.request.app.state.site.zone
    try:
        since = _moment(typed, zone)
        await edit.save(lambda session: hooks.replay(session, webhook, since=since, **edit.by), tell=False)
    except PlatformError as refused:
        return await _refused(edit, str(webhook), {"since": typed}, refused)
    return RedirectResponse(f"/admin/keys/webhooks/{webhook}?did=replayed", 303)


@router.post("/{webhook}/test")
async def test(edit: Edit, webhook: int) -> Response:
    """No transaction is open while the place is asked."""
    ways = edit.request.app.state.config.webhooks
    await edit.session.rollback()
    reply = await send_test(edit.db, webhook, ways, clock.now())
    async with edit.db.begin() as session:
        told = str(reply.status or reply.trouble)
        await audit(session, **edit.by, action="webhook_checked", subject=f"webhook/{webhook}", detail=told)
    return RedirectResponse(f"/admin/keys/webhooks/{webhook}?did=tested", 303)


@router.post("/{webhook}/remove")
async def remove(edit: Edit, webhook: int) -> Response:
    await edit.save(lambda session: hooks.remove(session, webhook, **edit.by), tell=False)
    return RedirectResponse("/admin/keys/webhooks", 303)


async def _done(edit: Editor, webhook: int, work: Callable[[AsyncSession], Awaitable[Any]], did: str) -> Response:
    await edit.save(work, tell=False)
    return RedirectResponse(f"/admin/keys/webhooks/{webhook}?did={did}", 303)


def _typed(form: FormData) -> dict[str, Any]:
    more = text(form, "more_kinds").replace("，", ",").replace(",", " ").split()
    kinds = [str(kind) for kind in form.getlist("kinds")]
    return {"name": text(form, "name"), "url": text(form, "url"), "kinds": [*kinds, *more]}


def _moment(typed: str, zone: Any) -> datetime:
    try:
        found = datetime.fromisoformat(typed)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("Choose a day and a time.", field="since") from None


async def _refused(edit: Editor, chosen: str, typed: Mapping[str, Any], refused: PlatformError) -> Response:
    told = {"typed": typed, "errors": await edit.errors(refused)}
    return await _webhooks(edit, chosen, more=told, status=refused.status)


async def _webhooks(
    edit: Editor, chosen: str = "", *, more: Mapping[str, Any] | None = None, status: int = 200
) -> Response:
    session = edit.session
    rows = await hooks.webhooks(session)
    one = await hooks.one(session, int(chosen)) if chosen not in ("", "new") else None
    told = {"before": 0, "did": "", "secret": "", "typed": {}, "errors": {}, **(more or {})}
    log = await hooks.log(session, one.id, before=told["before"], limit=21) if one else []
    return page(
        edit.request,
        "keys/webhooks.html",
        status_code=status,
        rows=rows,
        waiting={hook.id: await hooks.waiting(session, hook) for hook in rows},
        due=await _due(session, rows),
        chosen=chosen,
        one=one,
        log=log[:20],
        older=log[19].id if len(log) > 20 else 0,
        paused=[hook for hook in rows if hook.paused_at and hook.pause_reason != "by_hand"],
        words=keys_words,
        saved=0,
        **told,
    )


async def _due(session: AsyncSession, rows: list[Webhook]) -> dict[int, datetime]:
    """When the failing ones are tried again."""
    failing = [str(hook.id) for hook in rows if hook.failing_since]
    found = await session.execute(select(Job.key, Job.due_at).where(Job.kind == WEBHOOK, Job.key.in_(failing)))
    return {int(key): due for key, due in found}
