"""The designer and the customer's page in a real browser: by keyboard, with the way back, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.clock import now
from crm_core.questionnaires import actions
from crm_core.questionnaires.answering import begin, give
from crm_core.questionnaires.model import Answer, QuestionnaireVersion, ResponseLink
from crm_core.questionnaires.questions import Given
from crm_core.questionnaires.templates import FOUR_WEEKS
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab_of, running_site
from tests.browser.shots import SHOTS, shot
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
CODE = "abcdefghjkmnpqrstuvw"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            people.add_boss(session)
        yield running


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab_of(browser, site, people.BOSS) as page:
        yield page


async def content_of(site: DeskSite) -> dict[str, object]:
    async with site.db.begin() as session:
        draft = await session.scalar(select(QuestionnaireVersion).where(QuestionnaireVersion.state == "draft"))
        return dict(draft.content) if draft else {}


async def test_a_questionnaire_is_made_from_a_template_changed_moved_and_published_by_keyboard(
    tab: Page, site: DeskSite
):
    await tab.goto(f"{site.address}/questionnaires")
    await shot(tab, "questionnaires-empty")
    await tab.click("button[value=after_service]")
    await tab.wait_for_url("**/questionnaires/1")
    await expect(tab.locator("#outline .item")).to_have_count(7)
    await expect(tab.locator("#count")).to_have_text("6 / 6")
    await shot(tab, "designer")
    await tab.locator("#outline .item").nth(1).focus()
    await tab.keyboard.press("Control+ArrowDown")
    await expect(tab.locator("#outline .item b").nth(2)).to_have_text("您对这次服务总体满意吗？")
    await tab.keyboard.press("Control+z")
    await expect(tab.locator("#outline .item b").nth(1)).to_have_text("您对这次服务总体满意吗？")
    await tab.click("[data-add=comment]")
    await expect(tab.locator("#sheet textarea").first).to_be_focused()
    await expect(tab.locator("#problems")).to_contain_text("现有 7 题，上限 6 题")
    await expect(tab.locator("#sheet .field-error[data-field=words]")).to_contain_text("没有文字")
    await tab.keyboard.type("还有什么想说的？")
    await expect(tab.locator("#sounds p").first).to_have_text("还有什么想说的？")
    await shot(tab, "designer-over")
    await tab.locator("#outline .item").nth(0).click()
    await tab.locator("[data-field=most]").select_option("7")
    await expect(tab.locator("#problems")).to_contain_text("只写了一种语言")
    await expect(tab.locator("#saved")).to_contain_text("已保存")
    await tab.click("#publish")
    await shot(tab, "versions")
    await tab.click("button:has-text('发布 v1')")
    await expect(tab.locator("td .tag.good")).to_have_text("生效中")


async def test_a_way_is_chosen_by_buttons_and_a_duplicate_and_a_removal_are_undone(tab: Page, site: DeskSite):
    async with site.db.begin() as session:
        await actions.create(session, FOUR_WEEKS, actor=people.BOSS, at=now())
    await tab.goto(f"{site.address}/questionnaires/1")
    await tab.locator("#outline .item").nth(2).click()
    await expect(tab.locator(".way")).to_have_count(1)
    await shot(tab, "designer-ways")
    await tab.locator(".tokens button").first.click()
    await expect(tab.locator(".tokens button[aria-pressed=true]")).to_have_count(2)
    await expect(tab.locator("#problems")).to_contain_text("没有问题")
    await tab.locator("#outline .item").nth(3).focus()
    await tab.keyboard.press("Enter")
    await tab.keyboard.press("Delete")
    await expect(tab.locator("#outline .item")).to_have_count(6)
    await tab.click("#undo")
    await expect(tab.locator("#outline .item")).to_have_count(7)
    await tab.click("#undo")
    await expect(tab.locator("#saved")).to_contain_text("已保存")
    await tab.keyboard.press("Control+d")
    await expect(tab.locator("#outline .item")).to_have_count(8)
    await expect(tab.locator("#count")).to_have_text("7 / 6")


async def test_words_that_somebody_else_saved_are_not_overwritten(tab: Page, site: DeskSite):
    async with site.db.begin() as session:
        row = await actions.create(session, FOUR_WEEKS, actor=people.BOSS, at=now())
    await tab.goto(f"{site.address}/questionnaires/1")
    async with site.db.begin() as session:
        await actions.save_draft(session, row.id, FOUR_WEEKS, base=1, actor=people.AGENT, at=now())
    await tab.locator("#sheet textarea").first.fill("改了")
    await expect(tab.locator("#toast")).to_contain_text("刚刚保存过这一项")
    assert "改了" not in str(await content_of(site))


async def test_a_customer_answers_on_a_telephone_in_the_own_language(tab: Page, site: DeskSite):
    async with site.db.begin() as session:
        at = now()
        row = await actions.create(session, FOUR_WEEKS, actor=people.BOSS, at=at)
        await actions.publish(session, row.id, actor=people.BOSS, at=at)
        campaign = Campaign(
            name="四周", mode="link", purpose="survey", questionnaire_id=row.id, created_by=people.BOSS, created_at=at,
            settings={}, status="running",
        )  # fmt: skip
        session.add(campaign)
        await session.flush()
        entry = CampaignEntry(campaign_id=campaign.id, customer_id=people.CHEN, due_at=at, added_at=at)
        session.add(entry)
        await session.flush()
        session.add(ResponseLink(code=CODE, entry_id=entry.id, made_at=at, expires_at=at + timedelta(days=1)))
    await tab.context.clear_cookies()
    await tab.set_viewport_size({"width": 390, "height": 844})
    await tab.goto(f"{site.address}/answer/{CODE}")
    if SHOTS:
        await tab.screenshot(path=f"{SHOTS}/answer-1.png")
    await tab.click("text=English")
    await expect(tab.locator("#asked")).to_have_text("How satisfied are you with your first month overall?")
    await tab.click(".scale button[value='4']")
    await tab.click(".each button[value='1']")
    await tab.fill("textarea", "The boot rattles.")
    if SHOTS:
        await tab.screenshot(path=f"{SHOTS}/answer-2.png")
    await tab.click("text=Continue")
    await tab.click(".scale button[value='5']")
    await tab.click(".each button[value='0']")
    if SHOTS:
        await tab.screenshot(path=f"{SHOTS}/answer-3.png")
    await tab.click(".scale button[value='10']")
    await expect(tab.locator("h1")).to_have_text("Thank you. We look forward to your first service.")
    async with site.db.begin() as session:
        given = {one.question: one.value for one in await session.scalars(select(Answer))}
    assert given == {"overall": 4, "fault": 1, "tell": None, "reached": 5, "booking": 0, "recommend": 10}


async def test_results_are_filtered_by_links_and_the_responses_behind_a_figure_are_one_step_away(
    tab: Page, site: DeskSite
):
    async with site.db.begin() as session:
        at = now() - timedelta(hours=1)
        row = await actions.create(session, FOUR_WEEKS, actor=people.BOSS, at=at)
        await actions.publish(session, row.id, actor=people.BOSS, at=at)
        for call, value in (("a", 5), ("b", 1)):
            await begin(
                session, call, questionnaire=row.id, how="agent", language="zh-CN", customer_id=people.CHEN, at=at
            )
            await give(session, call, "overall", Given(value=value), at=at)
    await tab.goto(f"{site.address}/questionnaires/1/results")
    await expect(tab.locator(".kp dd").first).to_have_text("50.0%")
    await expect(tab.locator(".stack rect")).to_have_count(2)
    await tab.get_by_role("link", name="中途离开").press("Enter")
    await expect(tab.locator(".left table.list tbody tr")).to_have_count(2)
    await shot(tab, "results-filtered")
    await tab.get_by_role("link", name="近 7 天").press("Enter")
    await expect(tab).to_have_url(f"{site.address}/questionnaires/1/results?days=7&by=dealer&which=broken")
    await tab.locator("select[name=how]").select_option("link")
    await tab.get_by_role("button", name="查看").press("Enter")
    await expect(tab.locator(".empty")).to_contain_text("没有询问过客户")
