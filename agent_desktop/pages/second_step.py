"""Everybody's own page for the second step of signing in: set up, new codes on paper, removed."""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Me, Session, TheSignIns, needs, viewer_of
from agent_desktop.rendering import page, translate
from agent_desktop.security import keep_session
from agent_desktop.signing_in import address_of
from crm_core import clock
from crm_core.access import second_factor, totp
from crm_core.access.actions import SignedInUser, enter
from crm_core.access.model import User
from crm_core.access.sealing import Sealer
from crm_core.errors import Invalid, PlatformError

router = APIRouter(prefix="/second-step", dependencies=[needs(None)])
Code = Annotated[str, Form(max_length=60)]


@router.get("")
async def show_second_step(request: Request, session: Session, me: Me) -> Response:
    return await _page(request, session, me)


@router.post("/begin")
async def begin(request: Request, session: Session, me: Me) -> Response:
    """The picture for the authenticator; a second look shows the same one until its first code came."""
    secret = await second_factor.begin(session, _sealer(request), me.user_id)
    return await _page(request, session, me, secret=secret)


@router.post("/confirm")
async def confirm(edit: Edit, sign_ins: TheSignIns, code: Code = "") -> Response:
    """From now on it is asked for. The person is signed out everywhere but here, and gets the codes for paper."""
    request, me, sealer = edit.request, edit.me, _sealer(edit.request)
    await request.app.state.sign_in_limit.check(address_of(request))
    try:
        async with edit.db.begin() as session:
            codes = await second_factor.confirm(session, sealer, me.user_id, code, clock.now())
    except Invalid as refused:
        async with edit.db.begin() as session:
            secret = await second_factor.begin(session, sealer, me.user_id)
        return await _refused(edit, refused, secret=secret)
    return await _stay(edit, sign_ins, codes=codes)


@router.post("/codes")
async def renew_codes(edit: Edit, code: Code = "") -> Response:
    where, now = address_of(edit.request), clock.now()
    try:
        async with edit.db.begin() as session:
            user = await session.get_one(User, edit.me.user_id)
            codes = await second_factor.renew_codes(session, _sealer(edit.request), user, code, address=where, at=now)
    except PlatformError as refused:
        return await _refused(edit, refused)
    return await _page(edit.request, edit.session, edit.me, codes=codes)


@router.post("/remove")
async def remove(edit: Edit, sign_ins: TheSignIns, code: Code = "") -> Response:
    where, now = address_of(edit.request), clock.now()
    try:
        async with edit.db.begin() as session:
            user = await session.get_one(User, edit.me.user_id)
            await second_factor.remove(session, _sealer(edit.request), user, code, address=where, at=now)
    except PlatformError as refused:
        return await _refused(edit, refused)
    return await _stay(edit, sign_ins)


async def _stay(edit: Editor, sign_ins: TheSignIns, *, codes: list[str] | None = None) -> Response:
    """Every session has ended; this browser gets a new one."""
    async with edit.db.begin() as session:
        user = await session.get_one(User, edit.me.user_id)
        entered = await enter(session, user, address=address_of(edit.request), at=clock.now())
    sign_ins.ended()
    answer = await _page(edit.request, edit.session, entered.user, codes=codes, changed=True)
    keep_session(answer, entered.token, entered.user.expires_at, secure=edit.request.app.state.config.secure)
    return answer


async def _refused(edit: Editor, refused: PlatformError, *, secret: bytes | None = None) -> Response:
    told = translate(edit.request, refused.message_id, **refused.values)
    return await _page(edit.request, edit.session, edit.me, secret=secret, error=told, status_code=refused.status)


def _sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


async def _page(
    request: Request,
    session: AsyncSession,
    me: SignedInUser,
    *,
    secret: bytes | None = None,
    codes: list[str] | None = None,
    error: str = "",
    changed: bool = False,
    status_code: int = 200,
) -> Response:
    request.state.viewer = viewer_of(me)
    told = totp.address(secret, number=me.number, site=request.app.state.site.name) if secret else ""
    required = set(await second_factor.required_roles(session)) & set(me.roles)
    return page(
        request,
        "second_step.html",
        status_code=status_code,
        is_set=await second_factor.has(session, me.user_id),
        left=await second_factor.codes_left(session, me.user_id),
        required=bool(required),
        picture=segno.make(told, error="m").svg_data_uri(scale=5, border=2, light="#fff") if told else "",
        written=totp.written(secret) if secret else "",
        codes=codes or [],
        error=error,
        changed=changed,
    )
