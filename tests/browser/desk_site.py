"""The real web application under uvicorn with a real database, and headless Chromium as the agent's browser."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.ports import CallView
from agent_desktop.security import SESSION_COOKIE
from agent_desktop.site import Site
from crm_core.access.actions import sign_in
from crm_core.clock import from_instant, now
from crm_core.db import Database
from crm_core.history.model import Contact, Leg
from tests.browser import people
from tests.scripted_telephony import ScriptedTelephony
from tests.settled_databases import settled_database

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]


def a_call(call: str, number: str, *, topic: str = "repair", matches: tuple[int, ...] = ()) -> CallView:
    """A call that is offered now, to the agent with whom the caller spoke last."""
    at = now().timestamp()
    return CallView(
        call=call,
        leg=f"{call}-1",
        direction="inbound",
        phase="ringing",
        caller=number,
        entry="4001718888",
        queue="repair",
        topic=topic,
        menu_path=("main", topic) if topic else (),
        matches=matches,
        why="last_agent",
        started_at=at - 50,
        queued_at=at - 23,
        offered_at=at,
        answered_at=0.0,
        hold_since=0.0,
    )


@dataclass(frozen=True, slots=True)
class DeskSite:
    address: str
    db: Database
    telephony: ScriptedTelephony

    async def caller(self, call: str, number: str, *, topic: str = "repair", matches: tuple[int, ...] = ()) -> CallView:
        """A caller who went through the menu and waited 23 s, written into the history as the feed would."""
        async with self.db.begin() as session:
            contact = Contact(id=call, direction="inbound", caller=number, entry="4001718888", started_at=now())
            contact.customer_id = matches[0] if len(matches) == 1 else None
            contact.queue, contact.topic, contact.menu_path = "repair", topic, f"main>{topic}" if topic else ""
            session.add(contact)
        return a_call(call, number, topic=topic, matches=matches)

    async def write_talk(self, call: CallView, agent: str, *, ended: bool = False) -> None:
        """What the history's writer does of a talk: the leg, and who talked."""
        async with self.db.begin() as session:
            contact = await session.get_one(Contact, call.call)
            contact.agent = agent
            began = from_instant(call.offered_at)
            await session.merge(
                Leg(id=call.leg, contact_id=call.call, agent=agent, offered_at=began, answered_at=began)
            )
            if ended:
                contact.ended_at, contact.outcome = now(), "answered"


@asynccontextmanager
async def running_site(
    folder: Path, telephony: ScriptedTelephony, *, phone_port: int = 9, database: Database | None = None
) -> AsyncIterator[DeskSite]:
    """On the small site's database, or on one that is given."""
    db = database or await settled_database(folder / "desk.db")
    site = Site(name="远辰客户中心", zone=ZoneInfo("Asia/Shanghai"), hotline_numbers=("4001718888",), demo=True)
    config = WebConfig(
        site=site,
        phone_sockets=(f"ws://127.0.0.1:{phone_port}",),
        recordings=folder / "recordings",
        imports=folder / "imports",
        files=folder / "files",
        prompts=folder / "prompts",
        own_prompts=folder / "own-prompts",
        line_key=folder / "line-key",
        line_addresses=("127.0.0.1", "127.0.0.2"),
    )
    async with served(create_app(db, telephony, config)) as port:
        yield DeskSite(f"http://127.0.0.1:{port}", db, telephony)
    await db.close()


@asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[int]:
    """On this port, or on a free one; gives it."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await _started(server)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            await running


async def _started(server: uvicorn.Server) -> None:
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.01)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def a_tab(browser: Browser, *, width: int = 1440, height: int = 900) -> AsyncIterator[Page]:
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": height}, permissions=["microphone"], locale="zh-CN"
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


@asynccontextmanager
async def a_tab_of(browser: Browser, site: DeskSite, number: str) -> AsyncIterator[Page]:
    """This person has signed in, and stands nowhere yet."""
    async with a_tab(browser) as page:
        await _signed_in_as(page, site, number)
        yield page


async def enter(page: Page, site: DeskSite, number: str, path: str) -> None:
    """Signed in, on this page."""
    await _signed_in_as(page, site, number)
    await page.goto(f"{site.address}{path}")


async def _signed_in_as(page: Page, site: DeskSite, number: str) -> None:
    async with site.db.begin() as session:
        entered = await sign_in(session, number=number, password=people.PASSWORD, address="127.0.0.1", at=now())
    cookie = {"name": SESSION_COOKIE, "value": entered.token, "url": site.address, "httpOnly": True, "sameSite": "Lax"}
    await page.context.add_cookies([cookie])  # type: ignore[list-item]


async def signed_in(page: Page, site: DeskSite, agent: str = people.AGENT, path: str = "/desk") -> Page:
    """The agent has signed in and stands on the desk, which follows the live feed."""
    await enter(page, site, agent, path)
    await page.wait_for_selector("body.live")
    return page
