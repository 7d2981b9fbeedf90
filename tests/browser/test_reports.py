"""Reports in a real browser, as a supervisor: opened by mouse and keyboard, followed by link, in both languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from crm_core.figures.model import StreamGap
from tests.browser.desk_site import DeskSite, enter
from tests.browser.report_site import site_of_the_day
from tests.browser.test_every_page import SIZES, faults_of, hear, speak
from tests.unit.agent_desktop.report_day import DAY, SUPERVISOR, at

pytestmark = pytest.mark.browser
QUEUES = f"/reports/queues?from={DAY}&to={DAY}"
TEN = int(at("10:00").timestamp())
PAGES = (
    "/reports",
    QUEUES,
    f"{QUEUES}&row={TEN}&of=service_level",
    f"/reports/queues/calls?from={DAY}&to={DAY}&row={TEN}&of=offered",
    "/reports/queues?from=2026-05-01&to=2026-05-01",
    f"/reports/agents?from={DAY}&to={DAY}",
    f"/reports/agents?from={DAY}&to={DAY}&row=all&of=occupancy",
    "/reports/saved",
    "/reports/saved/new?report=queues&period=yesterday",
    "/reports/queues?from=2026-07-01&to=2026-07-31",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with site_of_the_day(tmp_path) as running:
        yield running


async def test_a_figure_opens_its_calls_and_the_address_says_so(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, QUEUES)
    panel = page.locator("#panel")
    await expect(panel).to_be_hidden()
    await page.locator(f"tr[data-key='{TEN}'] td").nth(7).click()
    await expect(panel.locator("h2")).to_have_text("10:00–10:30 服务水平")
    await expect(panel.locator(".behind li")).to_have_count(3)
    assert f"row={TEN}&of=service_level" in page.url
    await page.reload()
    await expect(panel.locator("h2")).to_have_text("10:00–10:30 服务水平")
    await panel.get_by_text("李敏").click()
    await page.wait_for_url("**/contacts/r-2")


async def test_rows_are_walked_opened_and_shut_by_keyboard(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, QUEUES)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel h2")).to_contain_text("10:00–10:30")
    await page.keyboard.press("Escape")
    await expect(page.locator("#panel")).to_be_hidden()
    assert "row=" not in page.url
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("tr:focus-within")).to_contain_text("10:30")


async def test_a_large_figure_opens_the_whole_period(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, QUEUES)
    await page.locator(".kp a[data-of=abandon_rate]").first.click()
    await expect(page.locator("#panel .list-word, #panel .h")).to_contain_text("2 通放弃")
    await expect(page.locator("tfoot tr")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("link", name="全部打开").click()
    await expect(page.locator("#table tbody tr")).to_have_count(2)


async def test_filters_change_the_address_and_a_step_that_is_too_fine_cannot_be_chosen(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, QUEUES)
    await page.locator("summary", has_text="队列").click()
    await page.get_by_label("产品咨询").check()
    await page.locator(".pick[open] .pri").click()
    await page.wait_for_url(re.compile("queue=enquiry"))
    await expect(page.locator(".kp dd").first).to_have_text("3")
    await page.goto(f"{site.address}/reports/queues?from=2026-01-01&to=2026-07-31")
    await page.locator("summary", has_text="时段").click()
    await expect(page.locator(".pick[open] [aria-disabled=true]")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(page.locator(".pick[open]")).to_have_count(0)


async def test_the_link_that_is_copied_names_the_day_and_the_open_row(page: Page, site: DeskSite):
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await enter(page, site, SUPERVISOR, f"{QUEUES}&row={TEN}&of=answer")
    await page.locator("#copy-link").click()
    await expect(page.locator("#toast")).to_have_text("链接已复制。")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site.address}{QUEUES}&row={TEN}&of=answer"


async def test_a_click_in_the_chart_opens_its_interval(page: Page, site: DeskSite):
    await enter(page, site, SUPERVISOR, QUEUES)
    chart = page.locator("#chart canvas")
    await expect(chart).to_be_visible()
    box = await chart.bounding_box()
    assert box
    await page.mouse.click(box["x"] + 70, box["y"] + box["height"] / 2)
    await expect(page.locator("#panel h2")).to_contain_text("10:00–10:30")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_pages_are_whole_in_both_languages(page: Page, site: DeskSite, language: str):
    await enter(page, site, SUPERVISOR, "/reports")
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


async def test_the_interval_in_which_we_were_deaf_says_so_and_no_other_does(page: Page, site: DeskSite):
    async with site.db.begin() as session:
        session.add(StreamGap(began_at=at("10:05"), ended_at=at("10:08"), reason="link_lost"))
    await enter(page, site, SUPERVISOR, QUEUES)
    tags = page.locator("table.tb tbody .tag", has_text="估")
    await expect(tags).to_have_count(1)
    row = page.locator(f"tr[data-key='{TEN}']")
    await expect(row.locator(".tag")).to_have_text("估")
    await expect(row.locator(".tag")).to_have_attribute("title", re.compile("事件流中断，含估计"))
