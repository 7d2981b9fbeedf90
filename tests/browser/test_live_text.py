"""The words of a talk in a real browser: on the agent's desk, and read along by a leader on the floor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from cti.talk_text import Side, TextState
from tests.browser import people
from tests.browser.desk_site import DeskSite, signed_in
from tests.browser.floor_people import LEADER, floor_site
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking
from tests.unit.crm_core.knowledge_shelf import put_up

pytestmark = pytest.mark.browser


async def test_words_stand_beside_the_call_while_they_are_spoken(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    texts = site.telephony.texts
    texts.begin(people.AGENT, view.call, view.leg)
    texts.say(people.AGENT, Side.AGENT, "您好陈先生", ago=3.0)
    texts.say(people.AGENT, Side.CUSTOMER, "那今天能修好", over=False)
    lines = page.locator("#live-text li")
    await expect(lines).to_have_count(2)
    assert await lines.nth(0).get_attribute("data-side") == "agent"
    await expect(lines.nth(1).locator("p")).to_have_text("那今天能修好")
    texts.say(people.AGENT, Side.CUSTOMER, "那今天能修好吗")
    await expect(lines.nth(1).locator("p")).to_have_text("那今天能修好吗")
    await expect(page.locator("#atab-text")).to_have_attribute("aria-selected", "true")
    assert await page.evaluate("document.activeElement.name") == "kind"


async def test_an_article_follows_what_was_said_takes_no_focus_and_can_be_put_away(
    page: Page, site: DeskSite, exchange: SipExchange
):
    async with site.db.begin() as session:
        await put_up(session, title_zh="代步车：哪些客户可以申请", body_zh="待料超过 48 小时，可以申请代步车。")
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    texts = site.telephony.texts
    texts.begin(people.AGENT, view.call, view.leg)
    await page.fill("#record-form textarea[name=note]", "客户问")
    texts.say(people.AGENT, Side.CUSTOMER, "要是修不好你们能不能给个代步车")
    card = page.locator("#live-articles .hit")
    await expect(card).to_have_count(1)
    assert await page.evaluate("document.activeElement.name") == "note"
    await card.locator("[data-do=text-dismiss]").click()
    await expect(card).to_have_count(0)
    texts.say(people.AGENT, Side.CUSTOMER, "代步车要怎么申请")
    await expect(page.locator("#live-text li")).to_have_count(2)
    await page.wait_for_timeout(2500)  # a search later it is still away
    await expect(card).to_have_count(0)


async def test_an_article_that_was_suggested_is_read_in_the_knowledge_tab(
    page: Page, site: DeskSite, exchange: SipExchange
):
    async with site.db.begin() as session:
        await put_up(session, title_zh="代步车：哪些客户可以申请", body_zh="待料超过 48 小时，可以申请代步车。")
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    site.telephony.texts.begin(people.AGENT, view.call, view.leg)
    site.telephony.texts.say(people.AGENT, Side.CUSTOMER, "能不能给个代步车")
    await page.locator("#live-articles .hit [data-do=kb-open]").click()
    await expect(page.locator("#kb-found article.whole")).to_be_visible()
    await expect(page.locator("#atab-knowledge")).to_have_attribute("aria-selected", "true")


async def test_why_nothing_is_written_down_is_said_and_a_queue_without_it_shows_nothing(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    texts = site.telephony.texts
    text = texts.begin(people.AGENT, view.call, view.leg, TextState.LATER)
    await page.click("#atab-text")
    note = page.locator("#live-text [data-part=note]")
    await expect(note).to_have_text("本机正在转写其他通话，这通电话结束后再转成文字。")
    text.become(TextState.PAUSED)
    texts.changed()
    await expect(note).to_have_text("隐私暂停中，不转写。")
    text.become(TextState.OFF)
    texts.changed()
    await expect(page.locator("#atab-text")).to_be_hidden()
    await expect(page.locator("#assist-knowledge")).to_be_visible()


async def test_what_was_said_stays_beside_the_record_after_the_call(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    texts = site.telephony.texts
    texts.begin(people.AGENT, view.call, view.leg)
    texts.say(people.AGENT, Side.CUSTOMER, "谢谢，再见")
    await expect(page.locator("#live-text li")).to_have_count(1)
    texts.end(people.AGENT)
    site.telephony.end(people.AGENT)
    await page.wait_for_selector("body[data-call=wrap_up]")
    await expect(page.locator("#live-text li p")).to_have_text("谢谢，再见")


@pytest.fixture
async def floor(tmp_path: Path, exchange: SipExchange) -> AsyncIterator[DeskSite]:
    async with floor_site(tmp_path, exchange) as running:
        yield running


async def test_a_leader_reads_a_talk_along_by_a_key_and_it_ends_with_the_choice_of_another_agent(
    page: Page, floor: DeskSite
):
    texts = floor.telephony.texts
    texts.begin(people.AGENT, "c1", "c1-1")
    texts.say(people.AGENT, Side.CUSTOMER, "再没结果我就找媒体", ago=4.0)
    await signed_in(page, floor, LEADER, "/floor")
    await page.click(f"#r-{people.AGENT}")
    await expect(page.locator("#insp h2")).to_have_text("林晓梅")
    await expect(page.locator("#floor-text")).to_be_hidden()
    await page.keyboard.press("r")
    await expect(page.locator("#floor-text li p")).to_have_text("再没结果我就找媒体")
    texts.say(people.AGENT, Side.AGENT, "请您稍等")
    await expect(page.locator("#floor-text li")).to_have_count(2)
    await page.click("#r-1015")
    await expect(page.locator("#insp h2")).to_have_text("刘洋")
    await expect(page.locator("#floor-text")).to_be_hidden()
    async with floor.db.begin() as session:
        entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "floor_read")))
    assert [(entry.actor, entry.subject) for entry in entries] == [(LEADER, people.AGENT)]
