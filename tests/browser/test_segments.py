"""Segments in a real browser: built by keyboard and counted meanwhile, members, worth, rules tried before they hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.segments.model import Segment
from crm_core.segments.recompute import refresh
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab_of, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
PAGES = (
    "/segments",
    "/segments/portrait",
    "/segments/new",
    "/segments/customers/1",
    "/admin/classes",
    "/admin/classes/churn",
    "/admin/classes/life_cycle",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            people.add_boss(session)
            for one in (people.CHEN, people.LI_MIN, people.LI_QIANG, people.WANG):
                await refresh(session, one, now())
        yield running


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab_of(browser, site, people.BOSS) as page:
        yield page


async def test_a_segment_is_built_counted_saved_and_walked_by_keyboard(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/segments")
    await tab.click("text=添加六个现成分群")
    await expect(tab.locator("#list tbody tr")).to_have_count(6)
    await tab.goto(f"{site.address}/segments/new")
    await tab.fill("[name=name]", "长春四十岁以上")
    await tab.locator(".cond select").first.select_option("city")
    await tab.locator(".cond .value input").fill("长春")
    await expect(tab.locator("#count")).to_have_text("3")
    await expect(tab.locator("#sentence")).to_have_text("城市是长春")
    await tab.click("text=加一个条件")
    await tab.keyboard.type("年龄")
    await tab.locator(".cond").nth(1).locator("select").first.select_option("age")
    await tab.locator(".cond").nth(1).locator(".value input").fill("四十")
    await expect(tab.locator(".cond").nth(1).locator(".field-error")).to_have_text("请填 1 到 120 的数字。")
    await tab.locator(".cond").nth(1).locator(".value input").fill("40")
    await expect(tab.locator("#count")).to_have_text("1")
    await tab.keyboard.press("Control+Enter")
    await tab.wait_for_url("**/segments/7")
    await expect(tab.locator(".about .sentence")).to_have_text("城市是长春，且 年龄至少 40")
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/segments/customers/1")
    await expect(tab.locator("h1")).to_have_text("陈建国")


async def test_two_groups_are_joined_by_or_and_come_back_as_they_were_built(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/segments/new")
    await tab.fill("[name=name]", "长春或吉林")
    await tab.locator(".cond select").first.select_option("city")
    await tab.locator(".cond .value input").fill("长春")
    await tab.click("#add-group")
    await tab.locator(".cond").nth(1).locator("select").first.select_option("city")
    await tab.locator(".cond").nth(1).locator(".value input").fill("吉林")
    await expect(tab.locator("#count")).to_have_text("0")
    await tab.click("#join label:nth-child(2)")
    await expect(tab.locator("#count")).to_have_text("4")
    await tab.click(".result .pri")
    await tab.wait_for_url("**/segments/1")
    await tab.click("text=修改条件")
    await expect(tab.locator(".group")).to_have_count(2)
    await expect(tab.locator(".cond").nth(1).locator(".value input")).to_have_value("吉林")
    async with site.db.begin() as session:
        assert (await session.scalar(select(Segment.definition)))["join"] == "any"


async def test_a_segment_is_removed_only_after_asking_and_brought_back(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/segments")
    await tab.click("text=添加六个现成分群")
    await tab.goto(f"{site.address}/segments/4")
    await tab.click("[data-reveal=removal]")
    await expect(tab.locator("#removal")).to_be_visible()
    await tab.click("#removal .danger")
    await expect(tab.locator("#list tbody tr")).to_have_count(5)
    await tab.click(".toast.saved button")
    await tab.wait_for_url("**/segments/4")


async def test_a_rule_shows_who_changes_class_before_it_is_saved(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/admin/classes")
    row = tab.locator("[data-steps] tbody tr").nth(6)  # the empty one; another grows below it
    await row.locator("[name=gives]").select_option("vip")
    await row.locator("[name=measure_0]").select_option("vehicles")
    await row.locator("[name=least_0]").fill("1")
    await expect(tab.locator("#trial .moves li")).to_contain_text("普通 → VIP")
    await expect(tab.locator("#trial .moves li > b")).to_have_text("2")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator(".toast.saved")).to_contain_text("已保存并生效")
    await expect(tab.locator("[name=gives]")).to_have_count(8)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [1440, 1920])
async def test_no_page_is_wider_than_the_screen_or_complains(tab: Page, site: DeskSite, language: str, width: int):
    async with site.db.begin() as session:
        await session.execute(update(User).values(language=language))
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    await tab.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        await tab.goto(f"{site.address}{path}")
        await tab.wait_for_load_state("networkidle")
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width, path
    assert complaints == []
