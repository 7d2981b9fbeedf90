"""A dealer's people: added, changed, left with their work handed over, and who may sign in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, back, show, try_to, whole
from agent_desktop.dependencies import needs
from agent_desktop.desk.words import SUB_KINDS
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.dealers import staff_actions
from crm_core.dealers.model import DealerStaff
from crm_core.dealers.staff_actions import MAY_SIGN_IN, NewSignIn, Person, open_work_of, people_of, sign_ins_of
from crm_core.errors import NotFound

router = APIRouter(prefix="/dealer/staff", dependencies=[needs(Permission.SEE_OWN_DEALER)])
SKILLS = SUB_KINDS["complaint"] | SUB_KINDS["repair"]


@router.get("")
async def show_people(portal: ThePortal, left: bool = False) -> Response:
    return await _page(portal, left=left)


@router.get("/new")
async def show_new(portal: ThePortal) -> Response:
    return await _page(portal, "new")


@router.get("/{staff_id}")
async def show_person(portal: ThePortal, staff_id: int) -> Response:
    """Raises NotFound, also for another dealer's."""
    return await _page(portal, str(staff_id))


@router.post("/{person}", dependencies=[needs(Permission.EDIT_OWN_DEALER)])
async def save(edit: Edit, portal: ThePortal, person: str) -> Response:
    form = await edit.form()
    typed = _typed(form)
    staff_id = None if person == "new" else _id(person)
    errors, status = await try_to(
        edit,
        lambda session: staff_actions.save_person(
            session, portal.dealer.id, staff_id, Person(**typed), reach=portal.reach, **edit.by
        ),
    )
    if errors:
        return await _page(portal, person, typed=typed, errors=errors, status=status)
    return back("", "/dealer/staff", "saved")


@router.post("/{person}/{act}", dependencies=[needs(Permission.EDIT_OWN_DEALER)])
async def act_on(edit: Edit, portal: ThePortal, person: str, act: str) -> Response:
    """leave, back, sign_in or no_sign_in. A new sign-in is shown once, on this answer only."""
    form = await edit.form()
    staff_id = _id(person)
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}
    given: list[NewSignIn] = []

    async def work(session: Any) -> None:
        match act:
            case "leave":
                await staff_actions.leave(session, staff_id, hand_to=whole(text(form, "hand_to")) or None, **more)
            case "back":
                await staff_actions.come_back(session, staff_id, **more)
            case "sign_in":
                given.append(await staff_actions.give_sign_in(session, staff_id, from_centre=False, **more))
            case "no_sign_in":
                await staff_actions.take_sign_in(session, staff_id, **more)
            case _:
                raise NotFound("This page does not exist.")

    errors, status = await try_to(edit, work)
    if errors or given:
        return await _page(portal, person, errors=errors, status=status, given=given[0] if given else None)
    return back("", "/dealer/staff", {"leave": "left", "back": "back"}.get(act, "changed"))


def _typed(form: FormData) -> dict[str, Any]:
    fields: dict[str, Any] = {name: text(form, name) for name in ("name", "title", "role", "phone")}
    return fields | {"skills": [str(one) for one in form.getlist("skills") if str(one) in SKILLS]}


def _id(person: str) -> int:
    if not (person.isascii() and person.isdecimal() and len(person) < 10):
        raise NotFound("There is nothing here, or it is not yours.")
    return int(person)


async def _page(
    portal: Portal,
    person: str = "",
    *,
    left: bool = False,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    given: NewSignIn | None = None,
) -> Response:
    dealers = portal.narrowed if not portal.one else Reach(frozenset({portal.dealer.id}))
    people = await people_of(portal.session, dealers, left_too=True)
    chosen = next((one for one in people if str(one.id) == person), None)
    if person not in ("", "new") and chosen is None:
        raise NotFound("There is nothing here, or it is not yours.")
    return await show(
        portal,
        "dealer/staff.html",
        status_code=status,
        staff=[one for one in people if one.active or left],
        colleagues=[one for one in people if one.active and chosen and one.dealer_id == chosen.dealer_id],
        left=left,
        gone=sum(not one.active for one in people),
        person=chosen,
        editing=bool(person),
        fields=_fields(chosen) | (typed or {}),
        numbers=await sign_ins_of(portal.session, people),
        open_work=await open_work_of(portal.session, chosen.id) if chosen else 0,
        may_sign_in=MAY_SIGN_IN,
        skills=SKILLS,
        given=given,
        errors=errors or {},
    )


def _fields(person: DealerStaff | None) -> dict[str, Any]:
    if person is None:
        return {"name": "", "title": "", "role": "sales_consultant", "phone": "", "skills": []}
    return {
        "name": person.name,
        "title": person.title,
        "role": person.role,
        "phone": person.phone,
        "skills": person.skills,
    }
