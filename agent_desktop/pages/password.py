"""Everybody's own page for the password; also where somebody lands who came in with a one-time password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from agent_desktop.dependencies import Me, TheDatabase, TheSignIns, needs
from agent_desktop.navigation import landing_page
from agent_desktop.rendering import page, translate
from agent_desktop.security import keep_session
from agent_desktop.signing_in import address_of
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.actions import SHORTEST_PASSWORD, SignedInUser, WrongPassword, change_password, enter
from crm_core.access.model import User
from crm_core.errors import Invalid, PlatformError

router = APIRouter(dependencies=[needs(None)])


class PasswordForm(BaseModel):
    old: str = ""
    new: str = ""
    again: str = ""


@router.get("/password")
async def show_password(request: Request, me: Me, changed: bool = False) -> Response:
    return _page(request, me, {}, changed=changed)


@router.post("/password")
async def save_password(
    request: Request, me: Me, db: TheDatabase, sign_ins: TheSignIns, form: Annotated[PasswordForm, Form()]
) -> Response:
    """Every session ends, and this browser gets a new one."""
    address = address_of(request)
    await request.app.state.sign_in_limit.check(address)
    try:
        if form.new != form.again:
            raise Invalid("The two are not the same. Type the new password twice.", field="again")
        async with db.begin() as session:
            await change_password(session, user_id=me.user_id, old=form.old, new=form.new, at=clock.now())
    except PlatformError as refused:
        wrong_old = isinstance(refused, WrongPassword)
        sentence = N_("This is not your present password.") if wrong_old else refused.message_id
        field = "old" if wrong_old else str(refused.values.get("field", "new"))
        told = {field: translate(request, sentence, **refused.values)}
        return _page(request, me, told, status_code=422)
    async with db.begin() as session:
        entered = await enter(session, await session.get_one(User, me.user_id), address=address, at=clock.now())
    sign_ins.ended()
    first = landing_page(role.value for role in me.roles)
    answer = RedirectResponse(first if me.must_change else "/password?changed=1", 303)
    keep_session(answer, entered.token, entered.user.expires_at, secure=request.app.state.config.secure)
    return answer


def _page(
    request: Request, me: SignedInUser, errors: dict[str, str], *, changed: bool = False, status_code: int = 200
) -> Response:
    return page(
        request,
        "password.html",
        status_code=status_code,
        errors=errors,
        changed=changed,
        one_time=me.must_change,
        shortest=SHORTEST_PASSWORD,
    )
