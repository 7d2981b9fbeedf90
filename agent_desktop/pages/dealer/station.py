"""A dealer's station data: hours, closed days, services, position, rescue phone; each save with its way back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from agent_desktop.admin.forms import text
from agent_desktop.dealer import station_forms
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, back, show, try_to, whole
from agent_desktop.dependencies import needs
from crm_core.access.roles import Permission
from crm_core.dealers.cities import km_from_city
from crm_core.dealers.station_actions import save_station, station_changes, station_number, undo_station
from crm_core.dealers.stations import hours_of
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import names

router = APIRouter(prefix="/dealer/station", dependencies=[needs(Permission.SEE_OWN_DEALER)])


@router.get("")
async def show_station(portal: ThePortal) -> Response:
    return await _page(portal)


@router.post("", dependencies=[needs(Permission.EDIT_OWN_DEALER)])
async def save(edit: Edit, portal: ThePortal) -> Response:
    """Saving what is unchanged confirms it: the centre sees since when the data are known to be right."""
    form = await edit.form()
    typed = station_forms.typed_of(form, centre=False)
    state, wrong = station_forms.state_of(typed)
    saved: list[Any] = []

    async def work(session: Any) -> Any:
        if wrong:
            raise Unusable(wrong)
        change = await save_station(
            session,
            portal.dealer.id,
            state,
            base=station_forms.base_number(form),
            far_is_right=text(form, "far") == "1",
            reach=portal.reach,
            **edit.by,
        )
        saved.append(change)

    errors, status = await try_to(edit, work)
    if errors:
        return await _page(portal, typed=typed, errors=errors, status=status)
    return back(text(form, "next"), "/dealer/station", "saved" if saved[0] else "confirmed")


@router.post("/undo", dependencies=[needs(Permission.EDIT_OWN_DEALER)])
async def undo(edit: Edit, portal: ThePortal) -> Response:
    number = whole(text(await edit.form(), "number")) or 0
    errors, status = await try_to(
        edit, lambda session: undo_station(session, portal.dealer.id, number, reach=portal.reach, **edit.by)
    )
    if errors:
        return await _page(portal, errors=errors, status=status)
    return back("", "/dealer/station", "saved")


async def _page(
    portal: Portal,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    dealer = portal.dealer
    hours = hours_of(dealer.week, dealer.opens, dealer.closes, dealer.closed_days)
    return await show(
        portal,
        "dealer/station.html",
        status_code=status,
        fields=station_forms.shown(dealer) | (typed or {}),
        base=await station_number(portal.session, dealer.id),
        changes=await station_changes(portal.session, dealer.id, portal.reach),
        km=km_from_city(dealer.city, dealer.latitude, dealer.longitude),
        open_until=hours.open_until(portal.now, portal.zone),
        opens_at=hours.opens_next(portal.now, portal.zone),
        people=await names(portal.session),
        errors=errors or {},
    )
