"""An article in a real browser: written, approved, found by two signs in a call, in the note, judged, asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.history.model import ContactNote
from crm_core.knowledge.model import ArticleUse, ArticleVote, OpenQuestion
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking
from tests.unit.crm_core.knowledge_shelf import fill_shelf

pytestmark = pytest.mark.browser
NEXT_YEAR = (now() + timedelta(days=365)).date().isoformat()


async def make_expert(site: DeskSite, number: str) -> None:
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == number).values(roles="expert"))


async def write_and_approve(browser: Browser, site: DeskSite) -> None:
    """An expert writes by keyboard and mouse; the English-speaking colleague approves."""
    await make_expert(site, people.AGENT)
    await make_expert(site, people.ENGLISH_AGENT)
    async with a_tab(browser) as tab:
        await enter(tab, site, people.AGENT, "/knowledge/new")
        await tab.fill("[name=title_zh]", "E6 拖车钩在哪里")
        await tab.fill("[name=answer_zh]", "拖车钩在后备箱地板下层，顺时针拧入前保险杠右侧孔。")
        await tab.fill("[name=body_zh]", "1. 打开**后备箱**地板\n2. 取出拖车钩")
        await tab.click("[data-preview=body_zh]")
        await expect(tab.locator("#preview-body_zh strong")).to_have_text("后备箱")
        await tab.click("[name=send][value='1']")
        await expect(tab.locator("#e-review_on")).to_have_text("请填写复核日期。")
        await tab.fill("[name=review_on]", NEXT_YEAR)
        await tab.check("[name=topics][value=rescue]")
        await tab.click("[name=send][value='1']")
        await expect(tab.locator(".k-note")).to_contain_text("待审批")
    async with a_tab(browser) as tab:
        await enter(tab, site, people.ENGLISH_AGENT, "/knowledge?state=review")
        await tab.click("#list td.k-title a")
        await tab.click("text=Approve and publish")
        await expect(tab.locator(".k-facts")).to_contain_text("Wang Fang")


async def test_an_article_goes_from_the_expert_into_a_note_and_is_judged(
    browser: Browser, page: Page, site: DeskSite, exchange: SipExchange
):
    await write_and_approve(browser, site)
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    await page.keyboard.press("Alt+k")
    await expect(page.locator("#kb-search input")).to_be_focused()
    await page.keyboard.type("车钩")
    found = page.locator("#kb-found .hit")
    await expect(found).to_have_count(1)
    await expect(found.locator("mark").first).to_have_text("车钩")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#kb-found .whole h4")).to_have_text("E6 拖车钩在哪里")
    await page.click("#kb-found [data-do=kb-insert]")
    await expect(page.locator("textarea[name=note]")).to_have_value(
        "拖车钩在后备箱地板下层，顺时针拧入前保险杠右侧孔。［E6 拖车钩在哪里·#1］"
    )
    await page.click("#kb-found [data-do=kb-vote][data-useful='1']")
    await expect(page.locator("#kb-found [data-useful='1']")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#saved")).to_be_visible()
    async with site.db.begin() as session:
        uses = [(use.how, use.contact_id) for use in await session.scalars(select(ArticleUse).order_by(ArticleUse.id))]
        assert ("inserted", view.call) in uses
        assert (await session.scalars(select(ArticleVote.useful))).one()
        assert "#1" in (await session.scalars(select(ContactNote.text))).one()


async def test_suggestions_follow_the_note_without_a_click_and_what_is_missing_is_asked_for(
    page: Page, site: DeskSite, exchange: SipExchange
):
    async with site.db.begin() as session:
        await fill_shelf(session)
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await expect(page.locator("#kb-suggested")).to_contain_text("依据菜单路径")
    await page.fill("textarea[name=note]", "客户想知道三包与质保期限")
    await expect(page.locator("#kb-suggested .hit").first).to_contain_text("三包与质保期限", timeout=8000)
    await expect(page.locator("#kb-suggested")).to_contain_text("依据记录内容")
    await page.keyboard.press("Alt+k")
    await page.keyboard.type("天窗漏水")
    await page.click("[data-do=kb-ask]")
    await expect(page.locator("[data-do=kb-ask]")).to_be_disabled()
    await page.click("[data-do=kb-back]")
    await expect(page.locator("#kb-suggested .hit").first).to_be_visible()
    async with site.db.begin() as session:
        assert (await session.scalars(select(OpenQuestion.text))).one() == "天窗漏水"


async def test_the_list_is_searched_while_typing_and_walked_by_keys_in_english(page: Page, site: DeskSite):
    async with site.db.begin() as session:
        await fill_shelf(session)
    await enter(page, site, people.ENGLISH_AGENT, "/knowledge")
    await page.keyboard.press("/")
    await page.keyboard.type("charg")
    await expect(page.locator(".k-hit b").first).to_have_text("Why charging is slow in winter")
    assert page.url.endswith("/knowledge?q=charg")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".k-read h2")).to_have_text("Why charging is slow in winter")
    await page.go_back()
    await expect(page.locator(".k-hit b").first).to_have_text("Why charging is slow in winter")
