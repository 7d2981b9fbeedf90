"""Signing in and out, and the language and theme a person reads in."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from agent_desktop.catalogues import LANGUAGES
from agent_desktop.contacts.queries import calls_of_day, latest_day_with_calls
from agent_desktop.dependencies import Me, Session, TheDatabase, TheDesk, TheSignIns, anyone, needs, signed_in
from agent_desktop.desk.call_lines import DayLines, draw_lines
from agent_desktop.navigation import landing_page
from agent_desktop.openid import OpenIdProvider
from agent_desktop.ports import Telephony
from agent_desktop.rendering import LANGUAGE_COOKIE, READER_COOKIE, THEME_COOKIE, THEMES, page, translate
from agent_desktop.security import SESSION_COOKIE, NotSignedIn, drop_session
from agent_desktop.signing_in import address_of, begin_step, come_in, has_phone, open_session, own_page
from crm_core import clock
from crm_core.access import second_factor
from crm_core.access.actions import prove_password, set_appearance, sign_out
from crm_core.access.steps import SECOND
from crm_core.db import Database
from crm_core.errors import PlatformError

router = APIRouter()
log = structlog.get_logger(__name__)
_YEAR = 365 * 86400
_LINES_LAST = 60.0  # seconds for which the field of lines is kept: the page is open to anyone


@router.get("/", dependencies=[needs(None)])
async def go_home(me: Me) -> Response:
    """The first page of this person's rail."""
    return RedirectResponse(landing_page(role.value for role in me.roles), 303)


@router.get("/login", dependencies=[anyone])
async def show_login(request: Request, session: Session, telephony: TheDesk, next: str = "") -> Response:  # noqa: A002
    return await _login_page(request, session, telephony, LoginForm(next=next))


class LoginForm(BaseModel):
    """What was typed. `after` is break or ready; `next` the page that asked for the sign-in."""

    number: str = ""
    password: str = ""
    after: str = "break"
    next: str = ""


@router.post("/login", dependencies=[anyone])
async def log_in(
    request: Request, session: Session, db: TheDatabase, telephony: TheDesk, form: Annotated[LoginForm, Form()]
) -> Response:
    """A refusal shows the form again, the number kept, with the sentence under the field it is about."""
    if not form.number.strip():
        return await _login_page(request, session, telephony, form, {"number": translate(request, "Type your number.")})
    if not form.password:
        told = translate(request, "Type your password.")
        return await _login_page(request, session, telephony, form, {"password": told})
    try:
        return await _enter(request, db, telephony, form)
    except PlatformError as refusal:
        errors = {"password": translate(request, refusal.message_id, **refusal.values)}
        return await _login_page(request, session, telephony, form, errors, status_code=refusal.status)


async def _enter(request: Request, db: Database, telephony: Telephony, form: LoginForm) -> Response:
    """In a transaction of its own: a refusal closes it, because the failure must be kept."""
    address = address_of(request)
    await request.app.state.sign_in_limit.check(address)
    wishes = {"after": form.after, "next": form.next}
    async with db.begin() as session:
        user = await prove_password(
            session, number=form.number, password=form.password, address=address, at=clock.now()
        )
        if await second_factor.has(session, user.id):
            return await begin_step(request, session, SECOND, "/login/code", detail=wishes, user=user)
        entered = await open_session(request, session, user)
    return await come_in(request, db, telephony, entered, wishes)


@router.post("/logout", dependencies=[anyone])
async def log_out(request: Request, db: TheDatabase, telephony: TheDesk, sign_ins: TheSignIns) -> Response:
    answer = RedirectResponse("/login", 303)
    drop_session(answer, secure=request.app.state.config.secure)
    try:
        user = await signed_in(request)
    except NotSignedIn:
        return answer
    async with db.begin() as session:
        takes_calls = await has_phone(session, user)
        await sign_out(session, request.cookies.get(SESSION_COOKIE, ""), clock.now())
    sign_ins.ended(user.session)
    if takes_calls:
        try:
            await telephony.sign_out(user.number)
            await telephony.revoke_phone(user.number)
        except PlatformError as refusal:
            log.warning("sign_out_without_telephony", agent=user.number, refusal=str(refusal))
    answer.delete_cookie(LANGUAGE_COOKIE)
    answer.delete_cookie(READER_COOKIE)
    return answer


@router.post("/language", dependencies=[anyone])
async def choose_language(request: Request, session: Session, language: Annotated[str, Form()]) -> Response:
    return await _choose(request, session, language=language)


@router.post("/theme", dependencies=[anyone])
async def choose_theme(request: Request, session: Session, theme: Annotated[str, Form()]) -> Response:
    return await _choose(request, session, theme=theme)


async def _choose(request: Request, session: Session, *, language: str = "", theme: str = "") -> Response:
    """Kept with the person, and in this browser for the pages before sign-in."""
    answer = RedirectResponse(own_page(request.headers.get("referer", "")) or "/login", 303)
    try:
        user = await signed_in(request)
        await set_appearance(session, user.user_id, language=language or user.language, theme=theme or user.theme)
    except NotSignedIn:
        pass
    secure = request.app.state.config.secure
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, secure=secure, httponly=True, samesite="lax")
    if theme in THEMES:
        answer.set_cookie(THEME_COOKIE, theme, max_age=_YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


async def _login_page(
    request: Request,
    session: Session,
    telephony: TheDesk,
    form: LoginForm,
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 0,
) -> Response:
    return page(
        request,
        "login.html",
        status_code=status_code or (422 if errors else 200),
        form=form,
        errors={"number": "", "password": "", **(errors or {})},
        lines=await _lines(request, session, request.app.state.rendering.site.zone),
        connected=telephony.floor().connected,
        openid=_provider_name(request),
    )


def _provider_name(request: Request) -> str:
    """What the button of the organisation's sign-in says, "" without one."""
    provider: OpenIdProvider | None = request.app.state.openid
    return (provider.settings.name or translate(request, "your organisation's account")) if provider else ""


async def _lines(request: Request, session: Session, zone: tzinfo) -> DayLines:
    kept: tuple[float, DayLines] | None = getattr(request.app.state, "login_lines", None)
    if kept and time.monotonic() - kept[0] < _LINES_LAST:
        return kept[1]
    day = await latest_day_with_calls(session, clock.now(), zone)
    lines = draw_lines([])
    if day is not None:
        start, end = clock.day_bounds(day, zone)
        lines = draw_lines(
            [_line(start, began, ended) for began, ended in await calls_of_day(session, start, end)],
        )
    request.app.state.login_lines = (time.monotonic(), lines)
    return lines


def _line(midnight: datetime, began: datetime, ended: datetime | None) -> tuple[float, float]:
    lasts = (ended - began) if ended else timedelta()
    return (began - midnight).total_seconds(), lasts.total_seconds()
