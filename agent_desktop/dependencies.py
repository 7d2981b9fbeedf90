"""What a route may ask for: who is signed in, what they may do, the database, the telephone.

A route without `needs(...)` or `anyone` does not start: see `include`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from agent_desktop.admin.sign_ins import SignIns
from agent_desktop.ports import Telephony
from agent_desktop.rendering import Rendering
from agent_desktop.security import (
    CSRF_FIELD,
    CSRF_HEADER,
    SAFE_METHODS,
    SESSION_COOKIE,
    MayNot,
    NotSignedIn,
    OutdatedPage,
    PasswordMustChange,
    SecondStepMissing,
)
from agent_desktop.site import Viewer
from crm_core import clock
from crm_core.access.actions import SignedInUser, csrf_matches, whoami
from crm_core.access.reach import Reach, reach_of
from crm_core.access.roles import Permission
from crm_core.db import Database

WITH_A_ONE_TIME_PASSWORD = ("/password", "/logout", "/language", "/theme")
"""All that somebody may do before choosing a password of their own."""
WITHOUT_THE_SECOND_STEP = (*WITH_A_ONE_TIME_PASSWORD, "/second-step", "/second-step/begin", "/second-step/confirm")
"""All that somebody may do whose role asks for a second step that is not set up."""

WITHOUT_THE_DATABASE = frozenset(
    {
        *("/api/call/hang-up", "/api/call/transfer", "/api/call/consult", "/api/call/hand-over", "/api/call/back"),
        *("/api/call/conference", "/api/call/leave", "/api/call/drop-party", "/api/call/park", "/api/call/pick-up"),
        *("/api/call/drop-message", "/api/call/recording"),
        *("/api/state/sign-in", "/api/state/ready", "/api/state/break", "/api/state/next", "/api/state/extend"),
    }
)
"""What an agent may do with the call and the own state while the database is away, if the sign-in was good lately."""


def the_database(connection: HTTPConnection) -> Database:
    db: Database = connection.app.state.db
    return db


async def open_session(db: Annotated[Database, Depends(the_database)]) -> AsyncIterator[AsyncSession]:
    async with db.begin() as session:
        yield session


def the_desk(connection: HTTPConnection) -> Telephony:
    telephony: Telephony = connection.app.state.telephony
    return telephony


def the_rendering(connection: HTTPConnection) -> Rendering:
    rendering: Rendering = connection.app.state.rendering
    return rendering


async def signed_in(connection: HTTPConnection) -> SignedInUser:
    """The person behind the cookie; a request that changes something must bring the session's token too."""
    token = connection.cookies.get(SESSION_COOKIE, "")
    if not token:
        raise NotSignedIn
    user = await _who(connection, token)
    if user is None:
        raise NotSignedIn
    if user.must_change and connection.url.path not in WITH_A_ONE_TIME_PASSWORD:
        raise PasswordMustChange
    if user.must_enrol and connection.url.path not in WITHOUT_THE_SECOND_STEP:
        raise SecondStepMissing
    connection.state.viewer = viewer_of(user)
    if isinstance(connection, Request) and connection.method not in SAFE_METHODS:
        await _check_token(connection, user)
    return user


async def _who(connection: HTTPConnection, token: str) -> SignedInUser | None:
    """A database that is away keeps nobody from the call in hand: who was known lately still is."""
    sign_ins = the_sign_ins(connection)
    try:
        # A transaction of its own, closed at once: a WebSocket's endpoint lives as long as the page.
        async with the_database(connection).begin() as session:
            user = await whoami(session, token, clock.now())
    except (SQLAlchemyError, OSError):
        known = sign_ins.known(token) if connection.url.path in WITHOUT_THE_DATABASE else None
        if known is None:
            raise
        return known
    sign_ins.remember(token, user)
    return user


def viewer_of(user: SignedInUser) -> Viewer:
    return Viewer(
        number=user.number,
        name=user.name_en if user.language == "en" and user.name_en else user.name,
        roles=tuple(role.value for role in user.roles),
        language=user.language,
        theme=user.theme,
        csrf_token=user.csrf,
    )


async def _check_token(request: Request, user: SignedInUser) -> None:
    given = request.headers.get(CSRF_HEADER)
    if given is None and "form" in request.headers.get("content-type", ""):
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not csrf_matches(user, given or ""):
        raise OutdatedPage


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
"""One transaction for the request, committed before the answer is sent."""
TheDatabase = Annotated[Database, Depends(the_database)]
TheDesk = Annotated[Telephony, Depends(the_desk)]
TheRendering = Annotated[Rendering, Depends(the_rendering)]
Me = Annotated[SignedInUser, Depends(signed_in)]


def the_sign_ins(connection: HTTPConnection) -> SignIns:
    sign_ins: SignIns = connection.app.state.sign_ins
    return sign_ins


TheSignIns = Annotated[SignIns, Depends(the_sign_ins)]
"""Tells a page that stays open when its sign-in is over."""


async def the_reach(session: Session, me: Me) -> Reach:
    return await reach_of(session, me.number)


TheReach = Annotated[Reach, Depends(the_reach)]
"""Whose data this person may see: every query of a dealer's page takes it."""


class Needs:
    """A route's declared permission; None = every signed-in person. Raises NotSignedIn or MayNot."""

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission
        self.declares = permission.value if permission else "signed in"

    def __call__(self, me: Me) -> SignedInUser:
        if self.permission is not None and not me.may(self.permission):
            raise MayNot(self.permission.value)
        return me


def needs(permission: Permission | None) -> Any:
    """Put into a route's or a router's `dependencies`."""
    return Depends(Needs(permission))


def _open_to_anyone() -> None:
    return None


anyone = Depends(_open_to_anyone)
"""Declares a route that needs no sign-in."""


class UndeclaredRoute(Exception):
    """A route says neither what it needs nor that it is open."""


def include(app: FastAPI, router: APIRouter) -> None:
    """Add a router's routes. Deny by default: raises UndeclaredRoute when one declares no permission.

    They are added as they are. `include_router` would work out each of them anew for every application, and match
    every request twice; it is for what we do not do, a prefix or a dependency given at the inclusion.
    """
    for path, declared in declared_permissions(router):
        if declared is None:
            raise UndeclaredRoute(f"{path} declares no permission; add needs(...) or anyone.")
    app.router.routes.extend(router.routes)


def declared_permissions(router: APIRouter) -> Iterator[tuple[str, str | None]]:
    """Each route's path with what it declares, e.g. "take_calls" or "anyone"; None = nothing."""
    for route in router.routes:
        if isinstance(route, APIRoute | APIWebSocketRoute):
            yield route.path, declared(route.dependant)
        else:
            yield getattr(route, "path", repr(route)), None


def declared(dependant: Dependant) -> str | None:
    """The permissions of a route in alphabetical order, a key's scope, "signed in", "anyone"; None = nothing."""
    found = {str(getattr(inner.call, "declares", "")) for inner in dependant.dependencies} - {""}
    found |= {"anyone" for inner in dependant.dependencies if inner.call is _open_to_anyone}
    for weaker in ("anyone", "signed in"):
        if len(found) > 1:
            found.discard(weaker)
    return " ".join(sorted(found)) or None
