"""A whole web application in memory: real routes, real database, a telephony that the test directs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.security import SESSION_COOKIE
from agent_desktop.site import Site
from crm_core.access.actions import SignedIn, sign_in
from crm_core.clock import now
from crm_core.db import Database
from tests.browser import people
from tests.scripted_telephony import ScriptedTelephony
from tests.settled_databases import settled_database
from tests.unit.agent_desktop import post_office

office = post_office.office


@dataclass(frozen=True, slots=True)
class WebSite:
    app: FastAPI
    db: Database
    telephony: ScriptedTelephony
    client: AsyncClient

    async def enter(self, number: str = people.AGENT) -> SignedIn:
        """The client's browser has this person's cookie from now on."""
        async with self.db.begin() as session:
            entered = await sign_in(session, number=number, password=people.PASSWORD, address="127.0.0.1", at=now())
        self.client.cookies.set(SESSION_COOKIE, entered.token)
        return entered


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebSite]:
    db = await settled_database(tmp_path / "web.db")
    telephony = ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)
    site = Site(name="远辰客户中心", zone=ZoneInfo("Asia/Shanghai"))
    config = WebConfig(
        site=site,
        phone_sockets=("ws://127.0.0.1:8188",),
        files=tmp_path / "files",
        imports=tmp_path / "imports",
        prompts=tmp_path / "prompts",
        own_prompts=tmp_path / "own-prompts",
        sign_in_key=tmp_path / "sign-in-key",
        line_key=tmp_path / "line-key",
        line_addresses=("127.0.0.1", "127.0.0.2"),
    )
    app = create_app(db, telephony, config)
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://hotline.test") as client:
        yield WebSite(app, db, telephony, client)
    await db.close()
