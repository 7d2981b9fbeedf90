"""The administration's screens in a real browser: by keyboard, with refusals, at both widths and in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import delete, update

from crm_core.access.model import User
from crm_core.workforce.hours_queries import closures_now
from crm_core.workforce.model import AgentSkill, QueueRow
from crm_core.workforce.queries import agent, queues
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
PAGES = (
    "/admin/queues",
    "/admin/queues/repair",
    "/admin/people",
    "/admin/people/1018",
    "/admin/people/new",
    "/admin/skills",
    "/admin/teams/new",
    "/admin/reasons",
    "/admin/hours/general?month=2026-10&day=2026-10-10",
    "/admin/versions",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


async def test_a_queue_is_found_changed_saved_and_undone_by_keyboard(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/queues")
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/admin/queues/repair")
    await tab.fill("[name=ring_seconds]", "33")
    await tab.locator("[name=level_after]").nth(0).fill("0")
    await tab.locator("[name=level_level]").nth(0).fill("5")
    await expect(tab.locator("[name=level_level]")).to_have_count(2)
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator(".toast.saved")).to_contain_text("已保存并生效")
    assert site.telephony.wishes[-1] == ("workforce_changed",)
    async with site.db.begin() as session:
        row = (await queues(session))[0]
    assert (row.ring_seconds, row.levels) == (33, [{"after_seconds": 0, "level": 5}])
    await tab.click(".toast.saved button")
    await tab.wait_for_url("**/admin/queues/repair")
    await expect(tab.locator("[name=ring_seconds]")).to_have_value("20")


async def test_a_refusal_stands_under_its_field_has_the_focus_and_clears_nothing(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/queues/repair")
    await tab.fill("[name=name_zh]", "")
    await tab.fill("[name=ring_seconds]", "soon")
    await tab.click(".side-foot .pri")
    await expect(tab.locator("#name_zh-error")).to_have_text("请填写中文名称。")
    await expect(tab.locator("#ring_seconds-error")).to_have_text("请填 5 到 120 的数字。")
    await expect(tab.locator("[name=ring_seconds]")).to_have_value("soon")
    await expect(tab.locator("[name=name_zh]")).to_be_focused()


async def test_skills_are_edited_with_arrows_and_digits_and_the_last_one_asks_before(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/skills")
    await tab.locator(".cell").first.focus()
    for key in ("Delete", "ArrowDown", "Delete", "ArrowRight", "9"):
        await tab.keyboard.press(key)
    await expect(tab.locator(".cell.changed")).to_have_count(3)
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator("#sure p")).to_have_text("这样一来，售后服务 就没有人能接了。")
    async with site.db.begin() as session:
        assert (await agent(session, people.AGENT)).skills["repair"] == 8
    await tab.click("#sure-yes")
    await expect(tab.locator(".cell.changed")).to_have_count(0)
    async with site.db.begin() as session:
        assert (await agent(session, people.ENGLISH_AGENT)).skills == {"enquiry": 9}


async def test_on_a_new_site_the_first_skill_is_written_given_and_then_asked_for_by_the_first_queue(
    tab: Page, site: DeskSite
):
    async with site.db.begin() as session:
        for table in (AgentSkill, QueueRow):
            await session.execute(delete(table))
    await enter(tab, site, path="/admin/skills")
    await expect(tab.locator("main")).to_contain_text("还没有人有技能")
    await tab.fill("#new", "Road rescue")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#trouble")).to_contain_text("小写英文单词")
    await tab.fill("#new", "rescue")
    await tab.keyboard.press("Enter")
    await tab.locator(".cell[data-skill=rescue]").first.press("7")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator("#toast")).to_have_text("已保存并生效。")
    await tab.goto(f"{site.address}/admin/queues/new")
    for name, value in {"id": "rescue", "name_zh": "道路救援", "name_en": "Road rescue", "skill": "rescue"}.items():
        await tab.fill(f"main [name={name}]", value)
    await tab.keyboard.press("Control+Enter")
    await tab.wait_for_url(f"{site.address}/admin/queues/rescue*")
    async with site.db.begin() as session:
        assert [row.skill for row in await queues(session)] == ["rescue"]


async def test_only_shown_agents_are_set_at_once(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/skills")
    await tab.fill("#filter", "林晓梅")
    await expect(tab.locator("#matrix tbody tr:visible")).to_have_count(1)
    await tab.select_option("#bulk-level", "3")
    await tab.click("#bulk")
    await tab.click("#save")
    await expect(tab.locator("#toast")).to_have_text("已保存并生效。")
    async with site.db.begin() as session:
        levels = [(await agent(session, number)).skills["repair"] for number in (people.AGENT, people.ENGLISH_AGENT)]
    assert levels == [3, 8]


async def test_the_hotline_is_closed_in_place_and_the_wall_says_so(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/hours")
    await expect(tab.locator(".now")).to_contain_text("现在营业")
    await tab.click("[data-reveal=closing]")
    await tab.fill("#closing [name=reason]", "机房停电")
    await tab.click("#closing .danger")
    await expect(tab.locator(".closed-line")).to_contain_text("已关闭：机房停电")
    await tab.goto(f"{site.address}/wallboard?tv=1")
    await expect(tab.locator("#closure")).to_have_text("热线关闭：机房停电")
    await tab.goto(f"{site.address}/admin/hours")
    await tab.click(".closed-line button")
    await expect(tab.locator(".closed-line")).to_have_count(0)
    from crm_core.clock import now

    async with site.db.begin() as session:
        assert await closures_now(session, now()) == []


async def test_a_year_of_holidays_is_shown_before_it_is_taken_over(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/hours")
    await tab.fill("[name=text]", "七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。10月10日（周六）上班。")
    await tab.fill("[name=year]", "2026")
    await tab.get_by_role("button", name="预览").click()
    await expect(tab.locator("section.block").last).to_contain_text("放假 7 天，调休上班 1 天")
    await tab.get_by_role("button", name="采用").click()
    await tab.wait_for_url("**/admin/hours/general?month=2026-10")
    await expect(tab.locator(".month td.special")).to_have_count(8)


@pytest.mark.parametrize(("width", "language"), [(1440, "zh-CN"), (1920, "zh-CN"), (1440, "en")])
async def test_nothing_overflows_at_either_width(browser: Browser, site: DeskSite, width: int, language: str):
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language))
    async with a_tab(browser, width=width, height=900) as page:
        await enter(page, site, path="/admin/queues")
        for path in PAGES:
            await page.goto(f"{site.address}{path}")
            size = await page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
            assert size == [width, width], path
            cut = await page.evaluate(
                """() => [...document.querySelectorAll('.side, .fields, .blocks, .tools')]
                    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"""
            )
            assert cut == [], (path, cut)
