"""A dealer that is new in the network: its station's data, and the first person who may sign in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.dealer import station_forms
from agent_desktop.dealer.portal import Edit, try_to
from agent_desktop.dependencies import needs
from agent_desktop.pages.admin.network import TheCentre, dealers_page
from crm_core.access.reach import EVERYTHING
from crm_core.access.roles import Permission
from crm_core.dealers.services import USUAL
from crm_core.dealers.staff_actions import MAY_SIGN_IN, NewSignIn, Person, give_sign_in, save_person
from crm_core.dealers.station_actions import add_dealer
from crm_core.errors import Invalid
from crm_core.phone import to_e164
from crm_core.workforce.fields import Unusable

router = APIRouter(prefix="/admin/network", dependencies=[needs(Permission.EDIT_NETWORK)])
_FIRST = ("code", "person", "role", "person_phone")
_EMPTY: dict[str, Any] = {
    **dict.fromkeys((*station_forms.CENTRE, *_FIRST, "closed_days", "phone", "rescue_phone", "address"), ""),
    **dict.fromkeys(("latitude", "longitude", "day6"), ""),
    **{f"day{day}": "08:30-18:00" for day in range(6)},
    "services": list(USUAL),
    "role": "relations_manager",
    "active": True,
}
"""What an empty form proposes: the usual hours and services."""


@router.get("/new")
async def show_new(centre: TheCentre) -> Response:
    return await dealers_page(centre, typed=_EMPTY, new=True)


@router.post("/new")
async def add(edit: Edit, centre: TheCentre) -> Response:
    """A dealer with its station's data and, if a name is given, its first person with a sign-in, shown once."""
    form = await edit.form()
    typed = station_forms.typed_of(form, centre=True) | {name: text(form, name) for name in _FIRST}
    state, wrong = station_forms.state_of(typed)
    made: list[tuple[int, NewSignIn | None]] = []

    async def work(session: AsyncSession) -> None:
        if wrong:
            raise Unusable(wrong)
        far = text(form, "far") == "1"
        dealer = await add_dealer(session, typed["code"], state, far_is_right=far, **edit.by)
        made.append((dealer.id, await _first_person(session, dealer.id, typed, edit)))

    errors, status = await try_to(edit, work)
    if errors:
        return await dealers_page(centre, typed=typed, errors=errors, status=status, new=True)
    dealer_id, given = made[-1]
    if given is None:
        return RedirectResponse(f"/admin/network/{dealer_id}?told=saved", 303)
    return await dealers_page(centre, dealer_id, given=given)


async def _first_person(session: AsyncSession, dealer_id: int, typed: dict[str, Any], edit: Edit) -> NewSignIn | None:
    """None = no name was typed: the people come later."""
    if not typed["person"]:
        return None
    person = Person(name=typed["person"], title="", role=typed["role"], phone=typed["person_phone"], skills=())
    if person.role not in MAY_SIGN_IN:
        raise Invalid("Choose what this person does.", field="role")
    if person.phone and to_e164(person.phone) is None:
        raise Invalid("This is no telephone number. Write it with its area code.", field="person_phone")
    row = await save_person(session, dealer_id, None, person, reach=EVERYTHING, **edit.by)
    return await give_sign_in(session, row.id, reach=EVERYTHING, from_centre=True, **edit.by)
