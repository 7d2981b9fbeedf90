"""The centre's side of the dealers' orders: confirm, ship, refuse; and the catalogue they order from."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import Edit, try_to, whole
from agent_desktop.dependencies import needs
from agent_desktop.pages.admin.network import Centre, TheCentre
from agent_desktop.pages.dealer.supply import counts_of
from crm_core.access.reach import EVERYTHING
from crm_core.access.roles import Permission
from crm_core.dealers.supply_actions import act_on_supply, save_item
from crm_core.dealers.supply_flow import DEALERS, Act, Status, acts_at
from crm_core.dealers.supply_queries import items_of, order_of, orders_of
from crm_core.errors import NotFound

router = APIRouter(prefix="/admin/network/supply", dependencies=[needs(Permission.EDIT_NETWORK)])


@router.get("")
async def show_orders(centre: TheCentre, done: bool = False) -> Response:
    return await _page(centre, done=done)


@router.get("/{order_id:int}")
async def show_order(centre: TheCentre, order_id: int) -> Response:
    return await _page(centre, order_id)


@router.post("/items")
async def save_one_item(edit: Edit, centre: TheCentre) -> Response:
    form = await edit.form()
    typed: dict[str, Any] = {name: text(form, name) for name in ("kind", "code", "name", "unit")}
    most = whole(text(form, "most") or "0")
    item, active = whole(text(form, "id")), text(form, "active") != "0"
    errors, status = await try_to(
        edit, lambda session: save_item(session, item or None, most=most, active=active, **typed, **edit.by)
    )
    if errors:
        return await _page(centre, errors=errors, typed=typed, status=status)
    return RedirectResponse("/admin/network/supply?told=saved", 303)


@router.post("/{order_id:int}/{act}")
async def act_on(edit: Edit, centre: TheCentre, order_id: int, act: str) -> Response:
    if act not in {one.value for one in Act if one not in DEALERS}:
        raise NotFound("This page does not exist.")
    form = await edit.form()
    more: dict[str, Any] = {"reach": EVERYTHING, "from_centre": True, **edit.by}

    async def work(session: AsyncSession) -> Any:
        return await act_on_supply(session, order_id, Act(act), text=text(form, "text"), counts=counts_of(form), **more)

    errors, status = await try_to(edit, work)
    if errors:
        return await _page(centre, order_id, errors=errors, status=status)
    return RedirectResponse(f"/admin/network/supply/{order_id}?told=changed", 303)


async def _page(
    centre: Centre,
    order_id: int | None = None,
    *,
    done: bool = False,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    session = centre.session
    chosen, events = await order_of(session, order_id, EVERYTHING) if order_id is not None else (None, [])
    return centre.show(
        "network/supply.html",
        status_code=status,
        rows=await orders_of(session, EVERYTHING, open_only=not done),
        done=done,
        chosen=chosen,
        events=events,
        acts=acts_at(Status(chosen.order.status), dealer=False) if chosen else [],
        items=await items_of(session, retired=True),
        typed=typed or {},
        errors=errors or {},
    )
