"""Figures and thresholds in a real browser: earlier days are seen, counted again and taken back by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.desk_site import DeskSite, enter
from tests.browser.report_site import site_of_the_day
from tests.browser.test_every_page import SIZES, faults_of, speak
from tests.unit.agent_desktop.report_day import DAY, SUPERVISOR

pytestmark = pytest.mark.browser
AGAIN = f"/admin/metrics?queue=repair&first={DAY}&last={DAY}&service=60&short=5"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with site_of_the_day(tmp_path) as running:
        yield running


async def test_a_day_is_counted_again_with_other_seconds_after_it_was_seen_and_taken_back(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, "/admin/metrics")
    await page.get_by_role("link", name="售后服务").focus()
    await page.keyboard.press("Enter")
    await page.fill("[name=first]", DAY)
    await page.fill("[name=last]", DAY)
    await page.fill("[name=service]", "60")
    await page.locator("[name=service]").press("Enter")
    seen = page.locator(".preview tbody tr").first
    await expect(seen).to_contain_text("40.0% →")  # 2 of 5 in 20 seconds
    await expect(seen.locator("b").first).to_have_text("60.0%")
    await page.get_by_role("button", name="重新统计这些日期").click()
    await expect(page.locator(".acts li").first).to_contain_text("60 秒")
    await page.goto(f"{site.address}/reports/queues?from={DAY}&to={DAY}&queue=repair&step=day")
    await expect(page.locator("table.tb tfoot")).to_contain_text("60.0%")
    await page.goto(f"{site.address}/admin/metrics?queue=repair")
    await page.locator(".acts button").first.click()
    await expect(page.locator(".acts li .tag")).to_be_visible()


async def test_what_cannot_be_counted_is_said_at_its_field_and_keeps_what_was_typed(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, f"/admin/metrics?queue=repair&first={DAY}&last=2026-07-01&service=60&short=5")
    await expect(page.locator(".field-error:not(:empty), .form-error").first).to_be_visible()
    await expect(page.locator("[name=first]")).to_have_value(DAY)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_page_is_whole_in_both_languages(page: Page, site: DeskSite, language: str):
    await enter(page, site, SUPERVISOR, "/admin/metrics")
    await speak(page, site, language)
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        for path in ("/admin/metrics", "/admin/metrics?queue=repair", AGAIN):
            await page.goto(site.address + path)
            assert not await faults_of(page, language), f"{language} {path} {width}"
