"""Signing in by the organisation's OpenID provider: out to it, and back."""

from __future__ import annotations

import hmac

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from agent_desktop.dependencies import TheDatabase, TheDesk, anyone
from agent_desktop.openid import OpenIdProvider, ProviderRefused, Told, new_secrets
from agent_desktop.rendering import page, translate
from agent_desktop.security import STEP_COOKIE
from agent_desktop.signing_in import address_of, begin_step, come_in, open_session, own_page, step_of
from crm_core import clock
from crm_core.access import second_factor, steps
from crm_core.access.audit import audit
from crm_core.access.model import User
from crm_core.access.steps import OPENID, SECOND
from crm_core.db import Database, storable
from crm_core.errors import NotFound, PlatformError, Refused

router = APIRouter(prefix="/login/openid", dependencies=[anyone])
log = structlog.get_logger(__name__)
BY = "openid"


class UnknownPerson(Refused):
    """Also for a disabled account: the answer does not tell which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Your organisation knows you, but there is no account here for you. Ask an administrator.")


@router.get("")
async def leave(request: Request, db: TheDatabase, next: str = "", after: str = "break") -> Response:  # noqa: A002
    provider = _provider(request)
    ours = new_secrets()
    try:
        await request.app.state.sign_in_limit.check(address_of(request))
        towards = await provider.leave_for(ours, back_address(request))
    except PlatformError as refused:
        return _refused(request, refused)
    wishes = {"next": own_page(next), "after": after if after == "ready" else "break"}
    async with db.begin() as session:
        return await begin_step(request, session, OPENID, towards, detail={**ours, **wishes}, user=None)


@router.get("/back")
async def come_back(request: Request, db: TheDatabase, telephony: TheDesk, code: str = "", state: str = "") -> Response:
    """The step is taken once, whatever comes of it."""
    provider = _provider(request)
    try:
        await request.app.state.sign_in_limit.check(address_of(request))
        async with db.begin() as session:
            step = await step_of(request, session, OPENID)
            await steps.end(session, request.cookies.get(STEP_COOKIE, ""))
        if step is None or not code or not hmac.compare_digest(step.detail["state"].encode(), state.encode()):
            raise ProviderRefused
        told = await provider.redeem(code, step.detail, back_address(request))
        user = await _account(db, told, address_of(request))
    except PlatformError as refused:
        return _refused(request, refused)
    wishes = {"next": step.detail["next"], "after": step.detail["after"]}
    async with db.begin() as session:
        if not told.strong and await second_factor.has(session, user.id):
            return await begin_step(request, session, SECOND, "/login/code", detail={**wishes, "by": BY}, user=user)
        entered = await open_session(request, session, user, by=BY)
    return await come_in(request, db, telephony, entered, wishes)


async def _account(db: Database, told: Told, address: str) -> User:
    """The account of this number; nobody gets one, or any right, by signing in. Raises UnknownPerson."""
    number = storable(told.number.strip(), 16)
    async with db.begin() as session:
        user = await session.scalar(select(User).where(User.number == number, User.disabled_at.is_(None)))
        if user is not None and number:
            return user
        await audit(session, at=clock.now(), actor=number, action="sign_in_failed", subject=address, detail=BY)
    raise UnknownPerson


def _provider(request: Request) -> OpenIdProvider:
    provider: OpenIdProvider | None = request.app.state.openid
    if provider is None:
        raise NotFound("This page does not exist.")
    return provider


def back_address(request: Request) -> str:
    """Must stand at the provider exactly so."""
    address = request.app.state.config.address or str(request.base_url).rstrip("/")
    return f"{address}/login/openid/back"


def _refused(request: Request, refused: PlatformError) -> Response:
    told = translate(request, refused.message_id, **refused.values)
    return page(request, "login_openid.html", status_code=refused.status, error=told)
