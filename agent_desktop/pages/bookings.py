"""A place in a workshop for a customer, in the call or from their page: dealer, day, free time; moved, taken off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dealer import words as dealer_words
from agent_desktop.dealer.portal import a_day, whole
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.reach import EVERYTHING
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.dealers.slots import LASTS
from crm_core.dealers.workshop_actions import Wish, book, free_slots, set_booking
from crm_core.dealers.workshop_changes import (
    bookings_of,
    change_booking,
    restore_booking,
    workshops_for,
)
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.vehicles.owned import vehicles_of

router = APIRouter(prefix="/bookings", dependencies=[needs(Permission.WORK_CASES)])
DONE = ("booked", "changed", "cancelled", "restored")


class Asked(BaseModel):
    """What stands in the address: whose booking, and of which dealer, work and day the free times are shown.

    `change` names a booking that gets another time or dealer. `done` says what was done last with `booking`; `was`,
    `was_work` and `was_dealer` are what it had before.
    """

    customer: int = Field(default=0, ge=0, lt=2**31)
    vehicle: str = Field(default="", max_length=12)
    dealer: int = Field(default=0, ge=0, lt=2**31)
    work: str = Field(default="maintenance", max_length=12)
    day: str = Field(default="", max_length=10)
    change: int = Field(default=0, ge=0, lt=2**31)
    done: str = Field(default="", max_length=10)
    booking: int = Field(default=0, ge=0, lt=2**31)
    was: str = Field(default="", max_length=40)
    was_work: str = Field(default="", max_length=12)
    was_dealer: int = Field(default=0, ge=0, lt=2**31)


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was refused."""

    values: dict[str, str]
    errors: dict[str, str]
    status: int


@router.get("")
async def show_bookings(edit: Edit, asked: Annotated[Asked, Query()]) -> Response:
    return await _page(edit, asked)


@router.post("")
async def make(edit: Edit) -> Response:
    """Book the time that was chosen. The dealer sees it in its workshop's day at once."""
    form = await edit.form()
    asked = _asked_of(form)

    async def work(session: AsyncSession) -> WorkshopBooking:
        vehicle = whole(text(form, "vehicle"))
        if vehicle is not None and vehicle not in {one.id for one in await vehicles_of(session, asked.customer)}:
            raise Invalid("Choose one of the customer's vehicles.", field="vehicle")
        await _require_workshop(session, asked.dealer)
        wish = Wish(
            customer_id=asked.customer,
            vehicle_id=vehicle,
            work=asked.work,
            begins_at=_begins(form),
            words=text(form, "words"),
        )
        zone = edit.request.app.state.site.zone
        return await book(session, asked.dealer, wish, source="hotline", zone=zone, reach=EVERYTHING, **edit.by)

    return await _done(edit, asked, work, "booked", form)


@router.post("/{booking_id}/change")
async def change(edit: Edit, booking_id: int) -> Response:
    form = await edit.form()
    asked = _asked_of(form)
    before = await _one(edit, booking_id)
    was = {"was": before.begins_at.isoformat(), "was_work": before.work, "was_dealer": str(before.dealer_id)}

    async def work(session: AsyncSession) -> WorkshopBooking:
        more: dict[str, Any] = {"zone": edit.request.app.state.site.zone, "reach": EVERYTHING, **edit.by}
        to = asked.dealer or None
        if to not in (None, before.dealer_id):
            await _require_workshop(session, asked.dealer)
        return await change_booking(session, booking_id, work=asked.work, begins_at=_begins(form), dealer_id=to, **more)

    return await _done(edit, asked.model_copy(update={"change": booking_id}), work, "changed", form, **was)


@router.post("/{booking_id}/cancel")
async def cancel(edit: Edit, booking_id: int) -> Response:
    form = await edit.form()

    async def work(session: AsyncSession) -> WorkshopBooking:
        return await set_booking(session, booking_id, "cancelled", reach=EVERYTHING, **edit.by)

    return await _done(edit, _asked_of(form), work, "cancelled", form)


@router.post("/{booking_id}/restore")
async def restore(edit: Edit, booking_id: int) -> Response:
    """Undoes a cancellation."""
    form = await edit.form()

    async def work(session: AsyncSession) -> WorkshopBooking:
        zone = edit.request.app.state.site.zone
        return await restore_booking(session, booking_id, zone=zone, reach=EVERYTHING, **edit.by)

    return await _done(edit, _asked_of(form), work, "restored", form)


async def _done(edit: Editor, asked: Asked, work: Any, what: str, form: FormData, **more: str) -> Response:
    try:
        row = await edit.save(work, tell=False)
    except PlatformError as refused:
        typed = {name: text(form, name) for name in ("begins_at", "words")}
        return await _page(edit, asked, Typed(typed, await edit.errors(refused), refused.status))
    query = {"customer": row.customer_id, "done": what, "booking": row.id, **more}
    address = edit.request.url_for("show_bookings").include_query_params(**query)
    return RedirectResponse(f"{address.path}?{address.query}", 303)


async def _require_workshop(session: AsyncSession, dealer_id: int) -> None:
    if dealer_id not in {one.dealer_id for one in await workshops_for(session, None)}:
        raise Invalid("Choose a dealer from the list.")


async def _one(edit: Editor, booking_id: int) -> WorkshopBooking:
    row = await edit.session.get(WorkshopBooking, booking_id) if 0 < booking_id < 2**31 else None
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    return row


def _asked_of(form: FormData) -> Asked:
    customer, dealer = (min(whole(text(form, name)) or 0, 2**31 - 1) for name in ("customer", "dealer"))
    vehicle, day = text(form, "vehicle")[:12], text(form, "day")[:10]
    work = text(form, "work")[:12] or "maintenance"
    return Asked(customer=customer, dealer=dealer, vehicle=vehicle, work=work, day=day)


def _begins(form: FormData) -> datetime:
    try:
        found = datetime.fromisoformat(text(form, "begins_at"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("Choose one of the free times.", field="begins_at")
    return found


async def _page(edit: Editor, asked: Asked, typed: Typed | None = None) -> Response:
    session, zone, now = edit.session, edit.request.app.state.site.zone, clock.now()
    customer = await session.get(Customer, asked.customer) if asked.customer else None
    if customer is None:
        raise NotFound("There is no such customer.")
    workshops = await workshops_for(session, customer.dealer_id)
    changing = await _one(edit, asked.change) if asked.change else None
    if changing is not None and changing.customer_id != customer.id:
        raise NotFound("There is nothing here, or it is not yours.")
    usual_dealer = changing.dealer_id if changing else workshops[0].dealer_id if workshops else 0
    dealer = asked.dealer if asked.dealer in {one.dealer_id for one in workshops} else usual_dealer
    today = now.astimezone(zone).date()
    usual = changing.begins_at.astimezone(zone).date() if changing else today
    day = max(a_day(asked.day) or usual, today)
    work = asked.work if asked.work in LASTS else "maintenance"
    times: dict[str, Any] = {"now": now, "zone": zone, "but": asked.change}
    slots = await free_slots(session, dealer, day, work, **times) if dealer else []
    if dealer and not slots and not asked.day:  # in the evening one begins with tomorrow
        day = date.fromordinal(day.toordinal() + 1)
        slots = await free_slots(session, dealer, day, work, **times)
    return page(
        edit.request,
        "bookings/page.html",
        "panel",
        status_code=typed.status if typed else 200,
        customer=customer,
        asked=asked,
        workshops=workshops,
        dealer=dealer,
        day=day,
        days=_days(day, today),
        work=work,
        works=dealer_words.WORK,
        states=dealer_words.BOOKING_STATUS,
        slots=slots,
        vehicles=await vehicles_of(session, customer.id),
        bookings=await bookings_of(session, customer.id),
        changing=changing,
        done=asked.done if asked.done in DONE else "",
        typed=typed.values if typed else {},
        errors=typed.errors if typed else {},
        moment=now,
    )


def _days(day: date, today: date) -> list[date]:
    """Seven days around the chosen one, none of them past."""
    first = max(today.toordinal(), day.toordinal() - 2)
    return [date.fromordinal(first + ahead) for ahead in range(7)]
