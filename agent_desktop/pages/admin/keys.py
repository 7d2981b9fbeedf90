"""Interfaces: the API keys of other systems."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from starlette.datastructures import FormData

from agent_desktop.admin import keys_words
from agent_desktop.admin.forms import number, text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.integration.keys import NewKey, create_key, keys, restore_key, revoke_key
from crm_core.integration.webhooks import webhooks

router = APIRouter(prefix="/admin/keys", dependencies=[needs(Permission.MANAGE_KEYS)])


@router.get("")
async def show_keys(edit: Edit) -> Response:
    return await _keys(edit)


@router.get("/new")
async def show_new_key(edit: Edit) -> Response:
    return await _keys(edit, "new")


@router.post("/new")
async def make_key(edit: Edit) -> Response:
    """The token is on this answer and nowhere else."""
    typed = _typed(await edit.form())
    try:
        made: NewKey = await edit.save(
            lambda session: create_key(session, **_facts(edit, typed), **edit.by), tell=False
        )
    except PlatformError as refused:
        return await _keys(edit, "new", typed={**typed, "errors": await edit.errors(refused)}, status=refused.status)
    return await _keys(edit, str(made.key.id), token=made.token)


@router.get("/{key}")
async def show_key(edit: Edit, key: str, did: str = "") -> Response:
    return await _keys(edit, key, did=did)


@router.post("/{key}/revoke")
async def revoke(edit: Edit, key: int) -> Response:
    await edit.save(lambda session: revoke_key(session, key, **edit.by), tell=False)
    return RedirectResponse(f"/admin/keys/{key}?did=revoked", 303)


@router.post("/{key}/restore")
async def restore(edit: Edit, key: int) -> Response:
    await edit.save(lambda session: restore_key(session, key, **edit.by), tell=False)
    return RedirectResponse(f"/admin/keys/{key}", 303)


def _typed(form: FormData) -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: text(form, name) for name in ("name", "dealer_id", "networks", "per_minute", "expires_on")
    }
    typed["scopes"] = [str(scope) for scope in form.getlist("scopes")]
    return typed


def _facts(edit: Editor, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as the action takes it. Raises Invalid, naming the field."""
    per_minute, dealer = number(typed["per_minute"] or "300"), number(typed["dealer_id"])
    zone = edit.request.app.state.site.zone
    expires = None
    if typed["expires_on"]:
        try:
            day = date.fromisoformat(typed["expires_on"])
            expires = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
        except (ValueError, OverflowError):
            raise Invalid("Choose a day that is still to come.", field="expires_on") from None
    networks = typed["networks"].replace("，", ",").replace(",", " ").split()
    return {
        "name": typed["name"],
        "scopes": typed["scopes"],
        "dealer_id": dealer if isinstance(dealer, int) and dealer else None,
        "networks": networks,
        "per_minute": per_minute if isinstance(per_minute, int) else 0,
        "expires_at": expires,
    }


async def _keys(
    edit: Editor,
    chosen: str = "",
    *,
    typed: Mapping[str, Any] | None = None,
    token: str = "",
    did: str = "",
    status: int = 200,
) -> Response:
    rows = await keys(edit.session)
    one = next((pair for pair in rows if str(pair[0].id) == chosen), None)
    if chosen not in ("", "new") and one is None:
        raise NotFound("There is no such key.")
    dealers = await edit.session.execute(select(Dealer.id, Dealer.short_name).order_by(Dealer.code))
    return page(
        edit.request,
        "keys/keys.html",
        status_code=status,
        rows=rows,
        chosen=chosen,
        one=one,
        token=token,
        did=did,
        typed=typed or {},
        errors=(typed or {}).get("errors", {}),
        dealers=list(dealers) if chosen == "new" else [],
        paused=[hook for hook in await webhooks(edit.session) if hook.paused_at and hook.pause_reason != "by_hand"],
        at=clock.now(),
        words=keys_words,
        saved=0,
    )
