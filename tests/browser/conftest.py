"""One Chromium for all browser tests; one site and one exchange for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, chromium, running_site
from tests.browser.sip_peer import SipExchange, sip_exchange
from tests.scripted_telephony import ScriptedTelephony


@pytest.fixture
async def exchange() -> AsyncIterator[SipExchange]:
    async with sip_exchange() as running:
        yield running


@pytest.fixture
async def site(tmp_path: Path, exchange: SipExchange) -> AsyncIterator[DeskSite]:
    telephony = ScriptedTelephony(
        people.AGENT, people.ENGLISH_AGENT, websocket_url=f"ws://127.0.0.1:{exchange.port}/ws"
    )
    async with running_site(tmp_path, telephony, phone_port=exchange.port) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with a_tab(browser) as tab:
        yield tab
