"""People: who may sign in as what, adding and disabling; whose callers an agent gets first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.people_names import dealer_places, skill_names
from agent_desktop.admin.saving import By, Edit, Editor, back_to
from agent_desktop.admin.sign_ins import SignIns
from agent_desktop.admin.tags import read_tags, written
from agent_desktop.dependencies import needs
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access import second_factor, throttle
from crm_core.access.actions import add_user
from crm_core.access.model import User
from crm_core.access.people import check_place, regions, require_new_password, set_roles
from crm_core.access.roles import Permission, Role, read_roles
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.workforce import queries, versions
from crm_core.workforce.actions import add_agent, disable_user, enable_user, save_agents
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import AgentRow

router = APIRouter(prefix="/admin", dependencies=[needs(Permission.EDIT_WORKFORCE)])
NEW = "new"
_WITH_PHONE = (Role.AGENT, Role.EXPERT, Role.TEAM_LEADER, Role.SUPERVISOR)


@router.get("/people")
async def showshow_people_page(edit: Edit, saved: int = 0) -> Response:
    return await show_people_page(edit, saved=saved)


class Beside(BaseModel):
    """`part` "account" = roles, place and password; `did` and `was` make the toast that offers the way back."""

    saved: int = 0
    part: str = ""
    did: str = ""
    was: str = Field("", max_length=200)


@router.get("/people/{person}")
async def show_person(edit: Edit, person: str, beside: Annotated[Beside, Query()]) -> Response:
    more = beside.model_dump(exclude={"saved"})
    return await show_people_page(edit, person, saved=beside.saved, more=more)


@router.post("/people/new", dependencies=[needs(Permission.EDIT_USERS)])
async def add_person(edit: Edit) -> Response:
    """Somebody new; with a phone when the role takes calls. The phone exists when this answers."""
    form = await edit.form()
    typed: dict[str, Any] = {name: text(form, name) for name in ("number", "name", "name_en", "team", "phone_contact")}
    typed |= account_from(form)
    password = text(form, "password")
    try:
        await edit.save(lambda session: _add(session, typed, password, actor=edit.me.number))
    except PlatformError as refused:
        told = {**typed, "errors": await edit.errors(refused)}
        return await show_people_page(edit, NEW, typed=told, status=refused.status)
    return back_to(f"/admin/people/{typed['number']}", None)


async def _add(session: AsyncSession, typed: Mapping[str, Any], password: str, *, actor: str) -> Any:
    known = {role.value: role for role in Role}
    roles = tuple(known[word] for word in typed["roles"] if word in known)
    problems: list[Invalid] = []
    if not typed["name"]:
        problems.append(Invalid("Enter the name.", field="name"))
    if not roles:
        problems.append(Invalid("Choose at least one role.", field="roles"))
    if typed["team"] and typed["team"] not in {team.id for team in await queries.teams(session)}:
        problems.append(Invalid("Choose from the list.", field="team"))
    if problems:
        raise Unusable(problems)
    who = {"number": typed["number"], "name": typed["name"], "name_en": typed["name_en"], "password": password}
    place = {"dealer_id": typed["dealer_id"], "region": typed["region"]}
    check_place(roles, **place)
    by = By(actor=actor, at=clock.now())
    if set(roles) & set(_WITH_PHONE):
        more = {"team": typed["team"], "phone_contact": typed["phone_contact"], "skills": {}}
        added: Any = await add_agent(session, **who, **more, roles=roles, **by)
    else:
        added = await add_user(session, **who, roles=roles, **by)
    await set_roles(session, typed["number"], roles=roles, **place, **by)
    await require_new_password(session, typed["number"])
    return added


def account_from(form: FormData) -> dict[str, Any]:
    """Roles and place as typed; a dealer that is no number is none."""
    dealer = number(text(form, "dealer_id"))
    return {
        "roles": [str(role) for role in form.getlist("roles")],
        "dealer_id": dealer if isinstance(dealer, int) and dealer else None,
        "region": text(form, "region"),
    }


@router.post("/people/{person}")
async def save_person(edit: Edit, person: str) -> Response:
    """What an agent may do beside calls, and whose callers go there first."""
    form = await edit.form()
    settings, base, tags = _settings(form), base_of(form), text(form, "tags")
    bases = {person: base} if base is not None else {}

    async def work(session: AsyncSession) -> Any:
        places = await dealer_places(session)
        known = {"tags": read_tags(tags, places.names, places.provinces)}
        return await save_agents(session, {person: settings | known}, bases=bases, confirmed=True, **edit.by)

    try:
        saved = await edit.save(work)
    except PlatformError as refused:
        told = {**settings, "tags": tags, "errors": await edit.errors(refused)}
        return await show_people_page(edit, person, typed=told, status=refused.status)
    return back_to(f"/admin/people/{person}", saved[0] if saved else None)


def _settings(form: FormData) -> dict[str, Any]:
    """Of each kind of work one at a time is what goes without saying."""
    typed = {word: number(text(form, f"capacity_{word}") or "1") for word in admin_words.MEDIA}
    most = {word: count if isinstance(count, int) else 0 for word, count in typed.items()}
    return {"capacity": {word: count for word, count in most.items() if count != 1}}


@router.post("/people/{person}/disable", dependencies=[needs(Permission.EDIT_USERS)])
async def disable(edit: Edit, person: str) -> Response:
    """Signed out everywhere at once; a running talk is not cut off."""
    if person == edit.me.number:
        raise Invalid("You cannot disable yourself.")
    return await _switch(edit, person, disable_user, did="disabled")


@router.post("/people/{person}/enable", dependencies=[needs(Permission.EDIT_USERS)])
async def enable(edit: Edit, person: str) -> Response:
    return await _switch(edit, person, enable_user)


async def _switch(edit: Editor, person: str, verb: Callable[..., Awaitable[None]], did: str = "") -> Response:
    async def work(session: AsyncSession) -> bool:
        await verb(session, person, **edit.by)
        return True

    await edit.save(work)
    signed_out(edit)
    path = f"/admin/people/{quote(person, safe='')}"
    return back_to(f"{path}?did={did}" if did else path, None)


def signed_out(edit: Editor) -> None:
    """Pages that stay open notice at once that their sign-in has ended."""
    sign_ins: SignIns = edit.request.app.state.sign_ins
    sign_ins.ended()


async def show_people_page(
    edit: Editor,
    person: str = "",
    *,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    saved: int = 0,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The list with one person beside it. `typed` is what was refused, with its `errors`."""
    request, session = edit.request, edit.session
    statement = select(User, AgentRow).outerjoin(AgentRow, AgentRow.user_id == User.id).order_by(User.number)
    rows = [(user, agent) for user, agent in await session.execute(statement)]
    chosen = next((pair for pair in rows if pair[0].number == person), None)
    if person and person != NEW and chosen is None:
        raise NotFound("There is no user {number}.", number=person)
    teams = await queries.teams(session)
    facts = await queries.agent(session, person) if chosen else None
    may_add = edit.me.may(Permission.EDIT_USERS)
    return page(
        request,
        "admin/people.html",
        status_code=status,
        people=rows,
        chosen=person,
        one=chosen,
        facts=facts,
        tags=written(facts.tags, (await dealer_places(session)).names) if facts else "",
        skill_names=await skill_names(session, language_of(request)),
        roles_of=lambda user: [role.value for role in read_roles(user.roles)],
        typed=typed or {},
        base=await versions.current_number(session, "agent", person),
        errors=(typed or {}).get("errors", {}),
        saved=saved,
        teams=teams,
        team_names={team.id: team.name_en if language_of(request) == "en" else team.name_zh for team in teams},
        may_add=may_add,
        words=admin_words,
        locked=await throttle.locked(session, clock.now()) if may_add else {},
        has_second_step=chosen is not None and await second_factor.has(session, chosen[0].id),
        **{"part": "", "did": "", "was": "", "one_time": "", **(more or {})},
        **(await _places(edit) if person else {"dealers": [], "regions": []}),
    )


async def _places(edit: Editor) -> dict[str, Any]:
    """What an account may be bound to."""
    dealers = await edit.session.execute(select(Dealer.id, Dealer.short_name).order_by(Dealer.region, Dealer.code))
    return {"dealers": list(dealers), "regions": await regions(edit.session)}
