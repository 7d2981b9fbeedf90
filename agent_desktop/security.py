"""The cookie, the headers of every answer, and the refusal of requests that another site's page sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_desktop.config import WebConfig
from agent_desktop.rate_limits import RateLimits
from crm_core.errors import NotAllowed, PlatformError, Refused

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_COOKIE = "hl_session"
SCREEN_COOKIE = "hl_screen"
STEP_COOKIE = "hl_step"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"


class NotSignedIn(PlatformError):
    status = 401

    def __init__(self) -> None:
        super().__init__("Please sign in.")


class MayNot(NotAllowed):
    """`needed` is a word of access.roles.Permission."""

    def __init__(self, needed: str) -> None:
        super().__init__("You may not see this page. An administrator can grant it.")
        self.needed = needed


class PasswordMustChange(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Choose a password of your own first.")


class SecondStepMissing(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Your role asks for a second step of sign-in. Set it up first.")


class OutdatedPage(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This page is out of date. Load it again.")


class TooManyTries(Refused):
    status = 429

    def __init__(self) -> None:
        super().__init__("Too many tries. Wait a minute.")


class SignInLimit:
    """At most `tries` a minute from one address, wrong or right: each costs us an argon2 hash of 50 ms."""

    def __init__(self, limits: RateLimits, tries: int = 40) -> None:
        self._limits, self._tries = limits, tries

    async def check(self, address: str) -> None:
        """Raises TooManyTries."""
        if not await self._limits.hit(self._tries, "sign-in", address[:45]):
            raise TooManyTries


def keep_session(response: Response, token: str, expires_at: datetime, *, secure: bool) -> None:
    """Put the sign-in session's token into the cookie."""
    response.set_cookie(
        SESSION_COOKIE, token, expires=expires_at, path="/", secure=secure, httponly=True, samesite="lax"
    )


def keep_screen(response: Response, token: str, *, secure: bool) -> None:
    """The cookie of a screen on the wall, sent below /tv only; no browser keeps one for more than 400 days."""
    response.set_cookie(
        SCREEN_COOKIE, token, max_age=400 * 86400, path="/tv", secure=secure, httponly=True, samesite="lax"
    )


def keep_step(response: Response, token: str, *, secure: bool) -> None:
    """The cookie of somebody on the way in, sent to the pages of the sign-in only."""
    response.set_cookie(STEP_COOKIE, token, max_age=600, path="/login", secure=secure, httponly=True, samesite="lax")


def drop_step(response: Response, *, secure: bool) -> None:
    response.delete_cookie(STEP_COOKIE, path="/login", secure=secure, httponly=True, samesite="lax")


def drop_session(response: Response, *, secure: bool) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=secure, httponly=True, samesite="lax")


def comes_from_us(headers: Mapping[str, str]) -> bool:
    """Whether a request that changes something was sent by a page of this site, or by no browser at all.

    Browsers always send one of the two headers with such a request; a program without them still needs
    the session's token.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def content_policy(config: WebConfig) -> str:
    """Only our own files run; the page may talk to us and to the phones' WebSocket."""
    connect = " ".join(("'self'", *config.phone_sockets))
    parts = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "connect-src": connect,
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class Guard:
    """Stands before the whole application: refuses foreign writes and foreign WebSockets, sets the headers."""

    def __init__(self, app: ASGIApp, config: WebConfig) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_policy(config),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
            "X-Frame-Options": "DENY",
        }
        if config.secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        writes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if writes and not comes_from_us(Headers(scope=scope)):
            await self._refuse(scope, receive, send)
            return
        await self._app(scope, receive, self._with_headers(send))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await PlainTextResponse("This request comes from another site.", 403)(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return sending
