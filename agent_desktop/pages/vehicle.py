"""A vehicle's whole life: how it was ordered and delivered, who bought and uses it, what was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from agent_desktop.customers import story as customer_story
from agent_desktop.customers.page import PAGE_SIZE, Asked, vocabulary
from agent_desktop.customers.reader import Reader, TheReader
from agent_desktop.dependencies import needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.customers.editing import ChangedMeanwhile, save
from crm_core.customers.model import Customer
from crm_core.customers.part_states import read_state
from crm_core.customers.parts import Part, fingerprint
from crm_core.customers.timeline import vehicle_timeline, vehicle_timeline_counts
from crm_core.customers.vehicle_lines import vehicle_count, vehicle_lines
from crm_core.customers.view import view
from crm_core.errors import NotFound, PlatformError
from crm_core.vehicles.deliveries import check_delivery, verify_delivery
from crm_core.vehicles.queries import VehicleView, find_vehicles, vehicle_view
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import names

router = APIRouter(dependencies=[needs(Permission.SEE_CUSTOMERS)])
MAY_EDIT = needs(Permission.EDIT_CUSTOMERS)
FLEET_PAGE = 50


@router.get("/vehicles")
async def find(reader: TheReader, q: str = "", customer: int = 0) -> Response:
    """One vehicle that fits opens, with the offer to link `customer` to it; several are listed."""
    found = await find_vehicles(reader.session, q, reach=reader.reach)
    tail = f"?{urlencode({'link': customer})}#people" if customer else ""
    if len(found) == 1:
        return RedirectResponse(f"/vehicles/{found[0].vin}{tail}", status_code=303)
    return page(reader.request, "customers/found.html", found=found, q=q, customer=customer, tail=tail)


@router.get("/vehicles/{vin}")
async def show_vehicle(reader: TheReader, vin: str, asked: Annotated[Asked, Depends()], link: int = 0) -> Response:
    return await _vehicle(reader, vin, asked, link=link)


@router.post("/vehicles/{vin}/roles/{customer_id:int}", dependencies=[MAY_EDIT])
async def set_roles(reader: TheReader, vin: str, customer_id: int) -> Response:
    """Buyer, user and driver of one customer to this vehicle; none = not linked any more."""
    seen = await _known(reader, vin)
    form = await reader.request.form()
    typed = {"vehicle_id": seen.vehicle.id, "roles": [str(role) for role in form.getlist("roles")]}
    base = str(form.get("base", ""))[:16]
    try:
        async with reader.writing() as session:
            change = await save(session, customer_id, Part.ROLES, typed, base=base, reach=reader.reach, **reader.by)
    except (Unusable, ChangedMeanwhile) as refused:
        sentence = await _sentence(reader, refused)
        return await _vehicle(reader, vin, Asked(), error=sentence, status=refused.status)
    return RedirectResponse(f"/vehicles/{quote(vin)}?saved={change.id if change else 0}#people", status_code=303)


@router.post("/vehicles/{vin}/delivery/{step}", dependencies=[MAY_EDIT])
async def follow_delivery(reader: TheReader, vin: str, step: str) -> Response:
    """`step`: check (with who will use it) or verify."""
    seen = await _known(reader, vin)
    if seen.delivery is None or step not in ("check", "verify"):
        raise NotFound("There is no such delivery.")
    form = await reader.request.form()
    try:
        async with reader.writing() as session:
            if step == "check":
                use = str(form.get("use", ""))
                await check_delivery(session, seen.delivery.id, use=use, reach=reader.reach, **reader.by)
            else:
                await verify_delivery(session, seen.delivery.id, reach=reader.reach, **reader.by)
    except PlatformError as refused:
        sentence = translate(reader.request, refused.message_id, **refused.values)
        return await _vehicle(reader, vin, Asked(), error=sentence, status=refused.status)
    return RedirectResponse(f"/vehicles/{quote(vin)}#delivery", status_code=303)


@router.get("/customers/{customer_id:int}/vehicles")
async def show_fleet(reader: TheReader, customer_id: int, q: str = "", start: int = 0) -> Response:
    """All vehicles of a customer, page by page, however many they are."""
    seen = await view(reader.session, customer_id, now=clock.now(), reach=reader.reach)
    if seen is None:
        raise NotFound("There is no such customer.")
    place = max(0, min(start, 1_000_000))
    lines = await vehicle_lines(reader.session, customer_id, text=q, offset=place, limit=FLEET_PAGE + 1)
    return page(
        reader.request,
        "customers/fleet.html",
        seen=seen,
        lines=lines[:FLEET_PAGE],
        q=q,
        start=place,
        more=len(lines) > FLEET_PAGE,
        size=FLEET_PAGE,
        count=await vehicle_count(reader.session, customer_id),
        **vocabulary(reader.request),
    )


async def _known(reader: Reader, vin: str) -> VehicleView:
    seen = await vehicle_view(reader.session, vin, now=clock.now(), reach=reader.reach)
    if seen is None:
        raise NotFound("There is no vehicle with this VIN.")
    return seen


async def _vehicle(
    reader: Reader, vin: str, asked: Asked, *, link: int = 0, error: str = "", status: int = 200
) -> Response:
    seen, session, request = await _known(reader, vin), reader.session, reader.request
    ident = seen.vehicle.id
    entries = await vehicle_timeline(session, ident, kinds=asked.kinds, before=asked.before or None, limit=PAGE_SIZE)
    values: Mapping[str, Any] = {
        "asked": asked,
        "here": f"/vehicles/{seen.vehicle.vin}",
        "seen": seen,
        "entries": entries,
        "months": customer_story.months(entries, request.app.state.site.zone),
        "counts": customer_story.filters(await vehicle_timeline_counts(session, ident)),
        "older": entries[-1].cursor if len(entries) == PAGE_SIZE else "",
        "hearable": set(),
        "people": await _people(reader, seen, link),
        "error": error,
        "may": reader.may(),
        "named": names_for(language_of(request), await names(session), ()),
        **vocabulary(request),
    }
    region = asked.region if asked.region in ("timeline", "older") else None
    return page(request, "customers/vehicle.html", region, status_code=status, **values)


async def _people(reader: Reader, seen: VehicleView, link: int) -> list[tuple[Customer, tuple[str, ...], str]]:
    """Everybody with a role, and who is to be linked: the customer, the roles, the fingerprint for the form."""
    people = [(holder.customer, holder.roles) for holder in seen.holders]
    if 0 < link < 2**31 and all(customer.id != link for customer, _ in people):
        added = await reader.session.get(Customer, link)
        if added is not None and added.merged_into_id is None and reader.reach.covers(added.dealer_id):
            people.append((added, ()))
    told = []
    for customer, roles in people:
        state = await read_state(reader.session, customer, Part.ROLES, vehicle_id=seen.vehicle.id)
        told.append((customer, roles, fingerprint(state)))
    return told


async def _sentence(reader: Reader, refused: Unusable | ChangedMeanwhile) -> str:
    values = dict(refused.values)
    if isinstance(refused, ChangedMeanwhile):
        known = (await names(reader.session)).get(refused.by)
        values["by"] = known[language_of(reader.request) == "en"] if known else refused.by
    return translate(reader.request, refused.message_id, **values)
