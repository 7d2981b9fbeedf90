"""What a dealer gives back: a stay in the workshop, a used car taken in part payment (B-136)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, a_day, back, show, try_to, whole
from agent_desktop.dependencies import needs
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.dealers.returned_actions import (
    UsedCar,
    Visit,
    cars_of,
    find_customers,
    read_moment,
    record_trade_in,
    record_visit,
)
from crm_core.dealers.staff_actions import people_of

router = APIRouter(prefix="/dealer/returned", dependencies=[needs(Permission.WORK_OWN_DEALER)])
_VISIT = ("vehicle_id", "kind", "came_at", "left_at", "mileage_km", "complaint", "work_done", "cost_yuan", "adviser")
_CAR = ("old_vehicle", "plate", "mileage_km", "offered_yuan", "traded_on")


@router.get("")
async def show_form(
    portal: ThePortal, what: str = "visit", q: str = "", customer: int = 0, booking: int = 0
) -> Response:
    """`booking` fills in what is known of a booked car; else the customer is found by `q`."""
    typed: dict[str, Any] = {"q": q.strip()[:40], "customer": customer, "booking": booking}
    row = await portal.session.get(WorkshopBooking, booking) if booking else None
    if row is not None and portal.reach.covers(row.dealer_id):
        came = row.begins_at.astimezone(portal.zone)
        typed |= {"customer": row.customer_id, "vehicle_id": row.vehicle_id, "kind": row.work, "complaint": row.wish}
        typed["came_at"] = f"{came:%Y-%m-%dT%H:%M}"
    return await _page(portal, "trade_in" if what == "trade_in" else "visit", typed)


@router.post("/{what}")
async def record(edit: Edit, portal: ThePortal, what: str) -> Response:
    form = await edit.form()
    names = _CAR if what == "trade_in" else _VISIT
    typed: dict[str, Any] = {name: text(form, name) for name in names}
    typed |= {"customer": whole(text(form, "customer")) or 0, "booking": whole(text(form, "booking")) or 0}
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}

    async def work(session: Any) -> Any:
        if what == "trade_in":
            return await record_trade_in(session, portal.dealer.id, _used_car(typed), **more)
        return await record_visit(session, portal.dealer.id, _visit(typed, portal), **more)

    errors, status = await try_to(edit, work)
    if errors:
        return await _page(portal, "trade_in" if what == "trade_in" else "visit", typed, errors=errors, status=status)
    return back("", f"/dealer/returned?what={what}", "trade_in" if what == "trade_in" else "visit")


def _visit(typed: dict[str, Any], portal: Portal) -> Visit:
    return Visit(
        customer_id=typed["customer"],
        vehicle_id=whole(typed["vehicle_id"]) or 0,
        kind=typed["kind"],
        came_at=read_moment(typed["came_at"], portal.zone),
        left_at=read_moment(typed["left_at"], portal.zone),
        mileage_km=whole(typed["mileage_km"] or "0"),
        complaint=typed["complaint"],
        work_done=typed["work_done"],
        cost_yuan=whole(typed["cost_yuan"] or "0"),
        adviser=typed["adviser"],
        booking_id=typed["booking"] or None,
    )


def _used_car(typed: dict[str, Any]) -> UsedCar:
    return UsedCar(
        customer_id=typed["customer"],
        old_vehicle=typed["old_vehicle"],
        plate=typed["plate"],
        mileage_km=whole(typed["mileage_km"] or "0"),
        offered_yuan=whole(typed["offered_yuan"] or "0"),
        traded_on=a_day(typed["traded_on"]),
    )


async def _page(
    portal: Portal,
    what: str,
    typed: dict[str, Any],
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    session = portal.session
    customer = await session.get(Customer, typed["customer"]) if typed["customer"] else None
    if customer is not None and not portal.reach.covers(customer.dealer_id):
        customer = None
    people = await people_of(session, Reach(frozenset({portal.dealer.id})))
    return await show(
        portal,
        "dealer/returned.html",
        status_code=status,
        what=what,
        fields=typed,
        customer=customer,
        cars=(await cars_of(session, [customer.id])).get(customer.id, []) if customer else [],
        found=await find_customers(session, str(typed.get("q", "")), portal.reach),
        advisers=[one.name for one in people if one.role == "service_adviser"],
        errors=errors or {},
    )
