"""A dealer's orders of sales material and parts: asked for, answered, shipped, received (B-224, B-230)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, a_day, back, show, try_to, whole
from agent_desktop.dependencies import needs
from crm_core.access.roles import Permission
from crm_core.dealers.supply_actions import KINDS, act_on_supply, request_supply
from crm_core.dealers.supply_flow import DEALERS, Act, Status, acts_at
from crm_core.dealers.supply_queries import items_of, order_of, orders_of
from crm_core.errors import NotFound

router = APIRouter(prefix="/dealer/supply", dependencies=[needs(Permission.SEE_OWN_DEALER)])


@router.get("")
async def show_list(portal: ThePortal, new: str = "") -> Response:
    """`new` = material or parts opens the order form."""
    return await _page(portal, new=new)


@router.get("/{order_id}")
async def show_one(portal: ThePortal, order_id: int) -> Response:
    """Raises NotFound, also for another dealer's."""
    return await _page(portal, order_id=order_id)


@router.post("", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def order(edit: Edit, portal: ThePortal) -> Response:
    form = await edit.form()
    kind = text(form, "kind")
    typed = {name: value for name, value in form.items() if isinstance(value, str)}

    async def work(session: Any) -> Any:
        return await request_supply(
            session,
            portal.dealer.id,
            kind,
            counts_of(form),
            wanted_on=a_day(text(form, "wanted_on")),
            note=text(form, "note"),
            zone=portal.zone,
            reach=portal.reach,
            **edit.by,
        )

    errors, status = await try_to(edit, work)
    if errors:
        return await _page(portal, new=kind, typed=typed, errors=errors, status=status)
    return back("", "/dealer/supply", "ordered")


@router.post("/{order_id}/{act}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def act_on(edit: Edit, portal: ThePortal, order_id: int, act: str) -> Response:
    """receive or cancel."""
    if act not in {one.value for one in DEALERS}:
        raise NotFound("This page does not exist.")
    form = await edit.form()
    more: dict[str, Any] = {"reach": portal.reach, "from_centre": False, **edit.by}
    errors, status = await try_to(
        edit,
        lambda session: act_on_supply(
            session, order_id, Act(act), text=text(form, "text"), counts=counts_of(form), **more
        ),
    )
    if errors:
        return await _page(portal, order_id=order_id, errors=errors, status=status)
    return back("", f"/dealer/supply/{order_id}", "changed")


def counts_of(form: FormData) -> dict[int, int | None]:
    """The fields "count-<id>": how many, None for what is no number; empty = 0."""
    found: dict[int, int | None] = {}
    for name, value in form.items():
        key = name.removeprefix("count-")
        if name != key and key.isascii() and key.isdecimal() and len(key) < 10 and isinstance(value, str):
            found[int(key)] = whole(value) if value.strip() else 0
    return found


async def _page(
    portal: Portal,
    *,
    order_id: int | None = None,
    new: str = "",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    chosen, events = await order_of(portal.session, order_id, portal.reach) if order_id is not None else (None, [])
    kind = new if new in KINDS and portal.may_work else ""
    return await show(
        portal,
        "dealer/supply.html",
        status_code=status,
        lines=await orders_of(portal.session, portal.narrowed),
        chosen=chosen,
        events=events,
        acts=acts_at(Status(chosen.order.status), dealer=True) if chosen else [],
        new=kind,
        items=await items_of(portal.session, kind) if kind else [],
        typed=typed or {},
        errors=errors or {},
    )
