"""The further reports in a real browser: grouped, opened by key, a draft edited and closed; whole in both languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from crm_core.clock import now
from crm_core.media.model import MediaAction
from tests.browser.desk_site import DeskSite, enter
from tests.browser.report_site import site_of_the_day
from tests.browser.test_every_page import SIZES, faults_of, hear, speak
from tests.unit.agent_desktop.report_day import DAY, SUPERVISOR, at

pytestmark = pytest.mark.browser
OF_DAY = f"from={DAY}&to={DAY}"
KINDS = ("abandoned", "repeats", "transfers", "states", "cases", "trace", "leads", "value", "media")
PAGES = (
    *(f"/reports/{kind}?{OF_DAY}" for kind in KINDS),
    f"/reports/abandoned?{OF_DAY}&by=interval&row=all&of=callback",
    "/reports/abandoned?from=2026-05-01&to=2026-05-01",
    f"/reports/abandoned/calls?{OF_DAY}&row=all&of=abandoned",
    "/reports/bulletins",
    "/reports/bulletins/1",
    "/reports/bulletins/rules",
    "/reports/media/actions?new=1",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with site_of_the_day(tmp_path) as running:
        async with running.db.begin() as session:
            show = MediaAction(name="车展", medium="event", regions=[], at=now())
            show.first_day = show.last_day = at("12:00").date()
            session.add(show)
        yield running


async def test_who_gave_up_is_grouped_opened_by_key_and_followed_to_the_call(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, f"/reports/abandoned?{OF_DAY}")
    await page.locator("summary", has_text="分组").click()
    await page.locator(".pick[open] a", has_text="时段").click()
    await page.wait_for_url(re.compile("by=interval"))
    await page.locator(".kp a[data-of=callback]").click()
    panel = page.locator("#panel")
    await expect(panel.locator("h2")).to_contain_text("建议回拨")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await page.goto(f"{site.address}/reports/abandoned?{OF_DAY}&row=repair&of=abandoned")
    await panel.get_by_text("李敏").click()
    await page.wait_for_url("**/contacts/r-2")


async def test_a_weekly_report_is_drafted_edited_and_closed_by_keyboard(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, "/reports/bulletins")
    await expect(page.locator(".empty")).to_contain_text("每周一")
    await page.locator("summary", has_text="周报").press("Enter")
    await page.locator(".menu[open] button").first.press("Enter")
    await page.wait_for_url("**/reports/bulletins/1")
    title = page.get_by_role("textbox", name="标题", exact=True)
    await title.fill("第二十九周")
    await title.press("Enter")
    await expect(page.locator("#sheet h2").first).to_have_text("第二十九周")
    await page.get_by_role("button", name="保存、定稿并发送").press("Enter")
    await expect(page.locator("#edit")).to_have_count(0)
    await expect(page.locator("header .tag")).to_have_text("已定稿")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_further_pages_are_whole_in_both_languages(page: Page, site: DeskSite, language: str):
    await enter(page, site, SUPERVISOR, "/reports/bulletins")
    await page.locator("summary", has_text="周报").click()
    await page.locator(".menu[open] button").first.click()
    await page.wait_for_url("**/reports/bulletins/1")
    await speak(page, site, language)
    heard: list[str] = []
    hear(page, heard)
    found = {}
    for path in PAGES:
        await page.goto(f"{site.address}{path}")
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            if faults := await faults_of(page, language):
                found[path] = faults
    assert (found, heard) == ({}, [])
