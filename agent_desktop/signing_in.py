"""The last step of every way in: the session, its cookie, the shift, and the page that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.catalogues import LANGUAGES
from agent_desktop.navigation import landing_page
from agent_desktop.ports import Telephony
from agent_desktop.rendering import LANGUAGE_COOKIE, READER_COOKIE
from agent_desktop.security import STEP_COOKIE, drop_step, keep_session, keep_step
from crm_core import clock
from crm_core.access import steps
from crm_core.access.actions import SignedIn, SignedInUser, enter, set_appearance
from crm_core.access.model import User
from crm_core.access.roles import Permission
from crm_core.access.steps import Step
from crm_core.db import Database
from crm_core.errors import PlatformError
from crm_core.workforce.queries import agent

log = structlog.get_logger(__name__)


def address_of(request: Request) -> str:
    """Of the person's machine: behind a proxy that the operator named, what the proxy says."""
    return request.client.host if request.client else ""


async def begin_step(
    request: Request, session: AsyncSession, kind: str, towards: str, *, detail: Mapping[str, str], user: User | None
) -> Response:
    """Lead on to `towards`; the browser keeps who is on the way in, for ten minutes."""
    user_id = user.id if user else None
    token = await steps.begin(session, kind, detail=detail, at=clock.now(), user_id=user_id)
    answer = RedirectResponse(towards, 303)
    keep_step(answer, token, secure=request.app.state.config.secure)
    return answer


async def step_of(request: Request, session: AsyncSession, kind: str) -> Step | None:
    return await steps.look(session, kind, request.cookies.get(STEP_COOKIE, ""), clock.now())


async def open_session(request: Request, session: AsyncSession, user: User, *, by: str = "") -> SignedIn:
    """For somebody who has proved who they are, in the language chosen before the sign-in."""
    await steps.end(session, request.cookies.get(STEP_COOKIE, ""))
    entered = await enter(session, user, address=address_of(request), at=clock.now(), by=by)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES and chosen != entered.user.language:
        await set_appearance(session, entered.user.user_id, language=chosen, theme=entered.user.theme)
    return entered


async def come_in(
    request: Request, db: Database, telephony: Telephony, entered: SignedIn, wishes: Mapping[str, str]
) -> Response:
    """`wishes` are `after` (break or ready) and `next`, the page that asked for the sign-in."""
    async with db.begin() as session:
        takes_calls = await has_phone(session, entered.user)
    if takes_calls:
        await _tell_telephony(telephony, entered.user.number, ready=wishes.get("after") == "ready")
    first = landing_page(role.value for role in entered.user.roles)
    answer = RedirectResponse(own_page(wishes.get("next", "")) or first, 303)
    secure = request.app.state.config.secure
    keep_session(answer, entered.token, entered.user.expires_at, secure=secure)
    answer.set_cookie(READER_COOKIE, entered.user.language, secure=secure, httponly=True, samesite="lax")
    drop_step(answer, secure=secure)
    return answer


async def has_phone(session: AsyncSession, user: SignedInUser) -> bool:
    """A team leader may take calls and still have no phone."""
    return user.may(Permission.TAKE_CALLS) and await agent(session, user.number) is not None


async def _tell_telephony(telephony: Telephony, number: str, *, ready: bool) -> None:
    try:
        await telephony.sign_in(number, ready=ready)
    except PlatformError as refusal:
        # The desk shows the phone's state by itself; without telephony the records can still be read.
        log.warning("sign_in_without_telephony", agent=number, refusal=str(refusal))


def own_page(address: str) -> str:
    """The path and query of an address on this site, "" for anything that might lead elsewhere."""
    parts = urlsplit(address.replace("\\", "/"))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if path.startswith("/") and not path.startswith("//") and path.isprintable() else ""
