"""A workshop's day: who comes when with what, who does it; a new booking, and the visit's record at the end (B-87)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, a_day, back, show, try_to, whole
from agent_desktop.dealer.workshop_lanes import draw
from agent_desktop.dependencies import needs
from agent_desktop.formats import plate_text
from agent_desktop.rendering import translate
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.dealers import workshop_actions
from crm_core.dealers.returned_actions import cars_of, find_customers
from crm_core.dealers.slots import LASTS
from crm_core.dealers.workshop_actions import Wish, bookings_on, free_slots, technicians_of
from crm_core.errors import NotFound

router = APIRouter(prefix="/dealer/workshop", dependencies=[needs(Permission.SEE_OWN_DEALER)])


class Asked(BaseModel):
    """What stands in the address: `booking` opens one; `new` the form, which finds the customer by `q` and shows the
    free times of `work`."""

    day: str = ""
    booking: int = 0
    new: bool = False
    q: str = ""
    customer: int = 0
    work: str = "maintenance"


@router.get("")
async def show_day(portal: ThePortal, asked: Annotated[Asked, Query()]) -> Response:
    fields = {"q": asked.q.strip()[:40], "customer": asked.customer, "work": asked.work}
    return await _page(portal, a_day(asked.day) or portal.today, booking=asked.booking, new=asked.new, asked=fields)


@router.post("/book", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def book(edit: Edit, portal: ThePortal) -> Response:
    form = await edit.form()
    typed = {name: text(form, name) for name in ("q", "work", "day", "begins_at", "words", "vehicle_id")}
    customer = whole(text(form, "customer")) or 0
    begins = _moment(typed["begins_at"])

    async def work(session: Any) -> Any:
        wish = Wish(
            customer_id=customer,
            vehicle_id=whole(typed["vehicle_id"]) or None,
            work=typed["work"],
            begins_at=begins or portal.now,
            words=typed["words"],
            technician_id=whole(text(form, "technician_id")) or None,
        )
        return await workshop_actions.book(
            session, portal.dealer.id, wish, source="dealer", zone=portal.zone, reach=portal.reach, **edit.by
        )

    errors, status = await try_to(edit, work)
    day = a_day(typed["day"]) or portal.today
    if errors:
        asked: dict[str, Any] = typed | {"customer": customer}
        return await _page(portal, day, new=True, asked=asked, errors=errors, status=status)
    return back("", f"/dealer/workshop?day={day}", "booked")


@router.post("/{booking_id}/{act}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def act_on(edit: Edit, portal: ThePortal, booking_id: int, act: str) -> Response:
    """A status of the booking, or give: who does it."""
    form = await edit.form()
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}
    if act not in {"give", *(status for following in workshop_actions.NEXT.values() for status in following)}:
        raise NotFound("This page does not exist.")

    async def work(session: Any) -> Any:
        if act == "give":
            technician = whole(text(form, "technician_id")) or None
            return await workshop_actions.give_to(session, booking_id, technician, zone=portal.zone, **more)
        return await workshop_actions.set_booking(session, booking_id, act, **more)

    errors, status = await try_to(edit, work)
    day = a_day(text(form, "day")) or portal.today
    if errors:
        return await _page(portal, day, booking=booking_id, errors=errors, status=status)
    return back(text(form, "next"), f"/dealer/workshop?day={day}", "changed")


def _moment(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo else None


async def _page(
    portal: Portal,
    day: date,
    *,
    booking: int = 0,
    new: bool = False,
    asked: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    session, dealer = portal.session, portal.dealer
    rows = await bookings_on(session, dealer.id, day, portal.reach, zone=portal.zone)
    technicians = await technicians_of(session, dealer.id)
    chosen = next((row for row in rows if row[0].id == booking), None)
    written = [(row, _written(row.work, customer.name, car.plate if car else "")) for row, customer, car in rows]
    asked = {"q": "", "customer": 0, "work": "maintenance"} | (asked or {})
    return await show(
        portal,
        "dealer/workshop.html",
        status_code=status,
        day=day,
        rows=rows,
        technicians=technicians,
        named={one.id: one.name for one in technicians},
        picture=draw(day, written, technicians, translate(portal.request, "nobody yet"), portal.zone),
        chosen=chosen,
        following=workshop_actions.NEXT.get(chosen[0].status, ()) if chosen else (),
        new=new and portal.may_work,
        asked=asked,
        errors=errors or {},
        **(await _for_new(portal, day, asked) if new and portal.may_work else {}),
    )


async def _for_new(portal: Portal, day: date, asked: dict[str, Any]) -> dict[str, Any]:
    """Who fits what was typed, the chosen customer's cars, the times that are free."""
    session = portal.session
    found = await find_customers(session, str(asked["q"]), portal.reach)
    customer = await session.get(Customer, int(asked["customer"])) if asked["customer"] else None
    if customer is not None and not portal.reach.covers(customer.dealer_id):
        customer = None
    cars = (await cars_of(session, [customer.id])).get(customer.id, []) if customer else []
    work = str(asked["work"]) if asked["work"] in LASTS else "maintenance"
    slots = await free_slots(session, portal.dealer.id, day, work, now=portal.now, zone=portal.zone)
    return {"found": found, "customer": customer, "cars": cars, "slots": slots}


def _written(_work: str, customer: str, plate: str) -> str:
    return f"{customer} {plate_text(plate)}" if plate else customer
