"""The site on which rights are tried: one person of each role, and the things of two dealers, two teams, two agents.

It is made once. Every request runs in a transaction that is rolled back afterwards, so that the next one, of another
person or with another id, meets the same site.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.dependencies import declared
from agent_desktop.ports import CallbackView, WaitingView
from agent_desktop.security import CSRF_HEADER, SESSION_COOKIE
from agent_desktop.site import Site
from crm_core.access.model import SignInSession, User
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.tables import METADATA
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.scripted_telephony import ScriptedTelephony
from tests.unit.agent_desktop.rights_things import FOREIGN_QUEUE, OWN_DEALER, settle_things

CSRF = "csrf-of-the-test"


def number_of(role: Role) -> str:
    return f"80{list(Role).index(role):02}"


class Undone(Database):
    """Inside `undone()` all sessions share one connection, whose work is rolled back at the end."""

    _shared: AsyncConnection | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        if self._shared is None:
            async with super().begin() as session:
                yield session
            return
        mode: Any = "create_savepoint"
        opened = AsyncSession(self._shared, expire_on_commit=False, join_transaction_mode=mode)
        async with opened as session, session.begin():
            yield session

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        async with self.engine.connect() as connection:
            await connection.begin()
            self._shared = connection
            try:
                yield
            finally:
                self._shared = None
                await connection.rollback()


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    declares: str | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def gaps(self) -> list[str]:
        return re.findall(r"\{(\w+)", self.path)


@dataclass(frozen=True, slots=True)
class RightsSite:
    app: FastAPI
    db: Undone
    client: AsyncClient
    telephony: ScriptedTelephony
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, asked: Asked, path: str, role: Role | None = None, **more: Any) -> Response:
        """The answer to this role's person, or to nobody; whatever it did is undone. A fault of ours is a 500."""
        headers = {CSRF_HEADER: CSRF, "Accept-Language": "en", "Accept": "application/json"}
        headers |= more.pop("headers", {})
        self.client.cookies.clear()
        if role is not None:
            self.client.cookies.set(SESSION_COOKIE, f"token-{role}")
        self.settle_work()
        async with self.db.undone():
            answer = await self.client.request(asked.method, path, headers=headers, **more)
            await self.app.state.chain.finished()  # it would meet the next request on the one connection
            return answer

    def settle_work(self) -> None:
        """Calls, callers who wait and places kept: what an earlier request moved stands again."""
        at = time.time()
        for role in (Role.AGENT, Role.EXPERT, Role.TEAM_LEADER, Role.SUPERVISOR):
            call = replace(a_call(f"now-{number_of(role)}", "+8613900000000"), phase="talking", answered_at=at)
            self.telephony.set_desk(number_of(role), state="talking", call=call)
        callers = (("w-own", "repair", "+8613900000001"), ("w-secret", FOREIGN_QUEUE, "+8613900000002"))
        self.telephony.waiting = [
            WaitingView(call=call, queue=queue, since=at, caller=caller, priority=0, topic="", matches=(), position=n)
            for n, (call, queue, caller) in enumerate(callers, start=1)
        ]
        self.telephony.places = [
            CallbackView(
                callback=call, call=call, number=caller, queue=queue, since=at, attempts=0, due=0.0, position=n
            )
            for n, (call, queue, caller) in enumerate(callers, start=1)
        ]


def routes(app: FastAPI) -> Iterator[Asked]:
    for route in app.routes:
        if isinstance(route, APIWebSocketRoute):
            yield Asked("WS", route.path, declared(route.dependant))
        elif isinstance(route, APIRoute):
            for method in sorted(route.methods):
                yield Asked(method, route.path, declared(route.dependant))


@asynccontextmanager
async def rights_site(folder: Path) -> AsyncIterator[RightsSite]:
    db = Undone(make_engine(f"sqlite+aiosqlite:///{folder / 'rights.db'}"))
    async with db.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with db.begin() as session:
        await people.settle(session)
        await _people_of_each_role(session)
        tokens = await settle_things(session, {role: number_of(role) for role in Role}, folder)
    telephony = ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT, *(number_of(role) for role in Role))
    site = Site(name="远辰客户中心", zone=ZoneInfo("Asia/Shanghai"))
    config = WebConfig(
        site=site,
        files=folder / "files",
        recordings=folder / "recordings",
        prompts=folder / "prompts",
        own_prompts=folder / "own-prompts",
    )
    app = create_app(db, telephony, config)
    transport = ASGITransport(app=app, raise_app_exceptions=False, client=("198.51.100.7", 4000))
    async with AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        yield RightsSite(app, db, client, telephony, tokens)
    await db.close()


async def _people_of_each_role(session: AsyncSession) -> None:
    """Signed in already: passwords cost 50 ms each."""
    at = now()
    for place, role in enumerate(Role):
        user = User(id=100 + place, number=number_of(role), name=role.value, name_en=role.value, roles=role.value)
        user.password_hash, user.language, user.region = "", "en", "north" if role is Role.REGIONAL_MANAGER else ""
        user.dealer_id = OWN_DEALER if role in (Role.DEALER_MANAGER, Role.DEALER_RELATIONS) else None
        digest = hashlib.sha256(f"token-{role}".encode()).hexdigest()
        entry = SignInSession(id=digest, user_id=user.id, csrf_token=CSRF, created_at=at, seen_at=at)
        entry.expires_at = at + timedelta(hours=1)
        session.add(user)
        await session.flush()
        session.add(entry)
