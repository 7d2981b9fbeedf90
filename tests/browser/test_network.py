"""The network in a real browser: a dealer comes in with its first sign-in, and a dealer reads what is released."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from crm_core.dealers.model import Dealer
from crm_core.knowledge.model import Article, ArticleText
from tests import dealer_people as d
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, chromium, enter, running_site
from tests.scripted_telephony import ScriptedTelephony
from tests.unit.crm_core.knowledge_shelf import fill_shelf

pytestmark = pytest.mark.browser
OWN_PASSWORD = "changchun-west-2026"
RELEASED = "冬季充电慢的原因"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT)) as running:
        async with running.db.begin() as session:
            await d.settle_dealers(session)
            await fill_shelf(session)
            own = select(ArticleText.article_id).where(ArticleText.title == RELEASED)
            await session.execute(update(Article).where(Article.id.in_(own)).values(audience="dealer"))
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_a_dealer_is_added_by_keyboard_and_its_first_person_signs_in(browser: Browser, site: DeskSite):
    async with a_tab(browser) as page:
        await enter(page, site, d.SUPERVISOR, "/admin/network/new")
        for name, value in {
            "code": "JL900",
            "short_name": "长春新店",
            "name": "长春新店远辰 4S 店",
            "province": "吉林",
            "city": "长春",
            "region": "东北",
            "person": "韩冰",
            "phone": "0431 8899 0000",
            "address": "人民大街 900 号",
            "latitude": "43.83",
        }.items():
            await page.fill(f".editor [name={name}]", value)
        await page.keyboard.press("Control+Enter")
        wrong = page.locator(".editor [name=longitude]")
        await expect(wrong).to_have_attribute("aria-invalid", "true")
        await expect(page.locator(".editor [name=code]")).to_have_value("JL900")
        await wrong.fill("125.31")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector(".form-note .mono")
        number, password = await page.locator(".form-note .mono").all_inner_texts()
        await expect(page.locator(".list [aria-selected=true]")).to_contain_text("长春新店")
    async with a_tab(browser) as page:
        await page.goto(f"{site.address}/login")
        await page.fill("#number", number)
        await page.fill("#password", password)
        await page.click("button.pri")
        await page.wait_for_url("**/password**")  # who gave it out knows the first one
        for name, typed in (("old", password), ("new", OWN_PASSWORD), ("again", OWN_PASSWORD)):
            await page.fill(f"[name={name}]", typed)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/dealer**")
        await expect(page.locator("header b").first).to_have_text("长春新店远辰 4S 店")
    async with site.db.begin() as session:
        assert (await session.scalars(select(Dealer.city).where(Dealer.code == "JL900"))).one() == "长春"


@pytest.mark.parametrize("width", [390, 1440])
async def test_a_dealer_finds_and_reads_a_released_article(browser: Browser, site: DeskSite, width: int):
    async with a_tab(browser, width=width) as page:
        await enter(page, site, d.RELATIONS, "/dealer/knowledge")
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert await page.locator("tbody td").nth(2).inner_text() not in ("all", "全部", "—")
        await page.fill("[data-search]", "充电")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**q=*")
        await page.click(f"text={RELEASED}")
        await expect(page.locator("#task h2")).to_have_text(RELEASED)
        await expect(page.locator("#task .article")).to_contain_text("电池先加热")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
