"""The second step of signing in: the code of the telephone, or one from paper."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.dependencies import TheDatabase, TheDesk, anyone
from agent_desktop.rendering import page, translate
from agent_desktop.signing_in import address_of, come_in, open_session, step_of
from crm_core import clock
from crm_core.access import second_factor
from crm_core.access.steps import SECOND
from crm_core.errors import PlatformError

router = APIRouter(prefix="/login/code", dependencies=[anyone])


@router.get("")
async def ask_for_code(request: Request, db: TheDatabase) -> Response:
    async with db.begin() as session:
        step = await step_of(request, session, SECOND)
    return _page(request) if step else RedirectResponse("/login", 303)


@router.post("")
async def take_code(
    request: Request, db: TheDatabase, telephony: TheDesk, code: Annotated[str, Form(max_length=60)] = ""
) -> Response:
    """In a transaction of its own: a refusal closes it, because the failure must be kept."""
    address = address_of(request)
    try:
        await request.app.state.sign_in_limit.check(address)
        async with db.begin() as session:
            step = await step_of(request, session, SECOND)
            if step is None or step.user is None:
                return RedirectResponse("/login", 303)
            sealer = request.app.state.sealer
            await second_factor.prove(session, sealer, step.user, code, address=address, at=clock.now())
            entered = await open_session(request, session, step.user, by=step.detail.get("by", ""))
    except PlatformError as refused:
        told = translate(request, refused.message_id, **refused.values)
        return _page(request, told, status_code=refused.status)
    return await come_in(request, db, telephony, entered, step.detail)


def _page(request: Request, error: str = "", *, status_code: int = 200) -> Response:
    return page(request, "login_code.html", status_code=status_code, error=error)
