"""Staffing in a real browser: the plan filled by keys and drag and undone, nothing overflows in either language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.forecasts.model import PastVolume
from crm_core.shifts.times import monday_of
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab_of, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
SIZES = ((1440, 900), (1920, 1080))
MONDAY = monday_of(now().date()) + timedelta(days=14)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    """Two agents, and ten weeks of callers in one queue."""
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            people.add_boss(session)
            for ago in range(1, 71):
                counts = [0] * 16 + [6] * 18 + [0] * 14
                session.add(PastVolume(queue="repair", day=now().date() - timedelta(days=ago), counts=counts))
        yield running


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab_of(browser, site, people.BOSS) as page:
        yield page


async def test_a_week_is_filled_by_keys_copied_undone_and_published(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/staffing/plan?week={MONDAY}")
    cell = tab.locator("[role=gridcell]")
    await cell.first.focus()
    await tab.keyboard.press("1")
    await expect(cell.nth(0)).to_contain_text("早班")
    await tab.keyboard.press("c")
    await tab.keyboard.press("ArrowDown")
    await tab.keyboard.press("v")
    await expect(cell.nth(7)).to_contain_text("早班")
    await tab.keyboard.press("Shift+ArrowRight")
    await tab.keyboard.press("3")
    await expect(cell.nth(8)).to_contain_text("晚班")
    await expect(cell.nth(7)).to_contain_text("晚班")
    await tab.keyboard.press("Control+z")
    await expect(cell.nth(7)).to_contain_text("早班")
    await expect(cell.nth(8)).not_to_contain_text("晚班")
    await tab.locator("[data-act=publish]").click()
    await expect(tab.locator("[data-act=publish]")).to_be_disabled()
    await expect(tab.locator("td.fresh")).to_have_count(0)


async def test_a_kind_is_dragged_onto_a_day_and_on_to_another(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/staffing/plan?week={MONDAY}")
    cell = tab.locator("[role=gridcell]")
    await tab.locator(".palette .chip").nth(1).drag_to(cell.nth(2))
    await expect(cell.nth(2)).to_contain_text("中班")
    await cell.nth(2).locator(".chip").drag_to(cell.nth(10))
    await expect(cell.nth(10)).to_contain_text("中班")
    await expect(cell.nth(2)).not_to_contain_text("中班")


async def test_too_little_rest_is_told_and_leads_to_its_cell(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/staffing/plan?week={MONDAY}")
    cell = tab.locator("[role=gridcell]")
    for _ in range(7):
        await cell.nth(0).focus()
    await tab.keyboard.press("Shift+ArrowRight")
    for _ in range(5):
        await tab.keyboard.press("Shift+ArrowRight")
    await tab.keyboard.press("1")
    problem = tab.locator(".problem").first
    await expect(problem).to_contain_text("最多 44 小时")
    await problem.click()
    await expect(tab.locator("[role=gridcell]:focus")).to_have_count(1)


async def test_a_what_if_is_started_watched_and_shown(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/staffing/plan?week={MONDAY}")
    cell = tab.locator("[role=gridcell]")
    await cell.first.focus()
    await tab.keyboard.press("1")
    await expect(cell.nth(0)).to_contain_text("早班")
    await tab.goto(f"{site.address}/staffing/what-if?day={MONDAY}")
    await tab.select_option("[name=days]", "10")
    await tab.fill("[name=calls-repair]", "150")
    await tab.click("form.asked .btn.pri")
    await expect(tab.locator("table.results")).to_be_visible(timeout=60_000)
    await expect(tab.locator("table.results tbody tr").first).to_contain_text("%")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_nothing_of_the_pages_overflows(tab: Page, site: DeskSite, language: str):
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.BOSS).values(language=language))
    paths = ("", "/plan", "/plan?kind=new", "/adherence", "/adherence?span=week", "/requests", "/what-if")
    for width, height in SIZES:
        await tab.set_viewport_size({"width": width, "height": height})
        for path in (*(f"/staffing{one}" for one in paths), f"/staffing?queue=repair&day={MONDAY}", "/shifts"):
            await tab.goto(f"{site.address}{path}")
            wide = await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, width)
            inner = "[...document.querySelectorAll('.main, .bar')].map(e => e.scrollWidth - e.clientWidth)"
            assert max(await tab.evaluate(inner)) <= 1, (path, width)
