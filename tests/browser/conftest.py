"""One Chromium for all browser tests; one site and one exchange for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from inspect import isasyncgenfunction, iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, chromium, running_site
from tests.browser.sip_peer import SipExchange, sip_exchange
from tests.cheap_hashes import cheap_hashes
from tests.scripted_telephony import ScriptedTelephony

__all__ = ["cheap_hashes"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all tests of this folder: a browser belongs to the loop in which it was started."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """The fixtures of this folder's tests run in that loop, too, without saying so each."""
    if isasyncgenfunction(fixturedef.func) or iscoroutinefunction(fixturedef.func):
        pytest_asyncio.fixture(fixturedef.func, loop_scope="session")
    return (yield)


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with a_tab(browser) as tab:
        yield tab


@pytest.fixture
def tab(page: Page) -> Page:
    """What tests of pages without a phone call it."""
    return page
