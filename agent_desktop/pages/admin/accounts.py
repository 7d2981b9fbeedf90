"""A person's account: roles, whose data they see, a one-time password. Each ends the person's sessions at once."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import needs
from agent_desktop.pages.admin.people import account_from, show_people_page, signed_out
from crm_core.access import second_factor, throttle
from crm_core.access.people import by_number, reset_password, set_roles
from crm_core.access.roles import Permission, Role, may
from crm_core.errors import PlatformError
from crm_core.workforce.model import AgentRow

router = APIRouter(
    prefix="/admin/people", dependencies=[needs(Permission.EDIT_WORKFORCE), needs(Permission.EDIT_USERS)]
)


@router.post("/{person}/account")
async def save_account(edit: Edit, person: str) -> Response:
    """Other roles, another dealer or region; whoever takes calls from now on has a phone in the browser."""
    typed = account_from(await edit.form())
    user = await by_number(edit.session, person)
    was = "|".join((user.roles, str(user.dealer_id or ""), user.region))

    async def work(session: AsyncSession) -> bool:
        known = {role.value: role for role in Role}
        roles = [known[word] for word in typed["roles"] if word in known]
        changed = await set_roles(
            session, person, roles=roles, dealer_id=typed["dealer_id"], region=typed["region"], **edit.by
        )
        if changed:
            await _give_phone(session, user.id, roles)
        return changed

    try:
        changed = await edit.save(work)
    except PlatformError as refused:
        told = {**typed, "errors": await edit.errors(refused)}
        return await show_people_page(edit, person, typed=told, status=refused.status, more={"part": "account"})
    if changed:
        await _shut_out(edit, person)
    query = {"part": "account", **({"did": "roles", "was": was} if changed else {})}
    return RedirectResponse(f"/admin/people/{quote(person, safe='')}?{urlencode(query)}", 303)


@router.post("/{person}/password")
async def give_one_time_password(edit: Edit, person: str) -> Response:
    """Shown on this answer only."""

    async def work(session: AsyncSession) -> str:
        return await reset_password(session, person, **edit.by)

    password: str = await edit.save(work, tell=False)
    await _shut_out(edit, person)
    return await show_people_page(edit, person, more={"part": "account", "one_time": password})


@router.post("/{person}/unlock")
async def unlock_account(edit: Edit, person: str) -> Response:
    """After too many wrong tries; the audit log keeps them."""

    async def work(session: AsyncSession) -> None:
        user = await by_number(session, person)
        await throttle.unlock(session, user.number, **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse(f"/admin/people/{quote(person, safe='')}?part=account", 303)


@router.post("/{person}/second-step")
async def reset_second_step(edit: Edit, person: str) -> Response:
    """For a telephone that is lost: the next sign-in is by password alone, until it is set up anew."""

    async def work(session: AsyncSession) -> None:
        await second_factor.reset(session, await by_number(session, person), **edit.by)

    await edit.save(work, tell=False)
    await _shut_out(edit, person)
    return RedirectResponse(f"/admin/people/{quote(person, safe='')}?part=account", 303)


async def _give_phone(session: AsyncSession, user_id: int, roles: list[Role]) -> None:
    if may(roles, Permission.TAKE_CALLS) and await session.get(AgentRow, user_id) is None:
        session.add(AgentRow(user_id=user_id, team="", phone_contact=""))


async def _shut_out(edit: Editor, person: str) -> None:
    """Open pages and the phone end now."""
    signed_out(edit)
    with suppress(PlatformError):  # a person without a phone, or telephony is away: the secret ends with the session
        await edit.telephony.revoke_phone(person)
