"""A relations manager's day in a real browser: by keyboard, on a telephone, in both languages, without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from agent_desktop.security import SESSION_COOKIE
from crm_core.access.actions import sign_in
from crm_core.access.model import User
from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.dealers.model import DailyFigures
from tests import dealer_people as d
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT)) as running:
        async with running.db.begin() as session:
            await d.settle_dealers(session)
        yield running


async def enter(page: Page, site: DeskSite, path: str = "/dealer", language: str = "zh-CN") -> None:
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == d.RELATIONS).values(language=language))
        entered = await sign_in(session, number=d.RELATIONS, password=people.PASSWORD, address="127.0.0.1", at=now())
    cookie = {"name": SESSION_COOKIE, "value": entered.token, "url": site.address, "httpOnly": True, "sameSite": "Lax"}
    await page.context.add_cookies([cookie])  # type: ignore[list-item]
    await page.goto(f"{site.address}{path}")


async def stage(site: DeskSite) -> str:
    async with site.db.begin() as session:
        return str(await session.scalar(select(Case.stage).where(Case.id == 101)))


async def test_a_relations_managers_morning_by_keyboard(browser: Browser, site: DeskSite):
    async with a_tab(browser) as page:
        await enter(page, site)
        await page.fill("[name=visitors]", "42")
        await page.fill("[name=enquiries]", "31")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("今天已上报")).to_be_visible()
        await page.locator("#content").focus()
        await page.keyboard.press("j")
        await page.keyboard.press("k")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/dealer?task=complaint/TS-1")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("button", name="指定并通知")).to_be_visible()
        await page.fill("textarea[name=words]", "请今天联系客户")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("button", name="已联系客户")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".field-error")).to_be_visible()
        assert await stage(site) == "solve"
        async with site.db.begin() as session:
            assert await session.scalar(select(DailyFigures.visitors)) == 42


async def test_on_a_telephone_the_list_then_the_task_and_nothing_hangs_over(browser: Browser, site: DeskSite):
    async with a_tab(browser, width=390, height=844) as page:
        await enter(page, site)
        link = page.get_by_role("link", name="充电中断，三次进店未解决")
        await expect(link).to_be_visible()
        await link.click()
        accept = page.get_by_role("button", name="签收")
        await expect(accept).to_be_visible()
        await expect(link).to_be_hidden()
        box = await accept.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        for path in ("/dealer", "/dealer/complaints", "/dealer/daily", "/dealer/care?state=open", "/dealer/staff"):
            await page.goto(f"{site.address}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path


async def test_in_english_and_wide_every_page_fits_and_speaks_english(browser: Browser, site: DeskSite):
    async with a_tab(browser, width=1920, height=1080) as page:
        await enter(page, site, language="en")
        await expect(page.get_by_role("heading", name="Complaints")).to_be_visible()
        for path in ("/dealer/complaints/TS-1", "/dealer/leads/XS-1", "/dealer/care/301?state=open", "/dealer/figures"):
            await page.goto(f"{site.address}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= 1920, path


async def test_without_a_script_every_step_works_too(browser: Browser, site: DeskSite):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await enter(page, site, "/dealer/complaints/TS-1")
    await page.get_by_role("button", name="签收").click()
    await expect(page.get_by_role("button", name="指定并通知")).to_be_visible()
    assert await stage(site) == "name_owner"
    await context.close()


async def test_a_foreign_complaint_is_not_there(browser: Browser, site: DeskSite):
    async with a_tab(browser) as page:
        await enter(page, site, "/dealer/complaints/TS-3")
        await expect(page.get_by_text("这里没有内容，或不属于您。")).to_be_visible()
