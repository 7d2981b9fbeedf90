"""A campaign's call at the desk: questions answered by key, what is told is saved, a reload loses nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.clock import now
from crm_core.consent.actions import answer
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import FIRST_RULES, state_of
from crm_core.consent.settings import save_contact_rules
from crm_core.leads.model import Lead
from crm_core.questionnaires.model import Answer
from tests.browser import people
from tests.browser.desk_site import DeskSite
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk
from tests.unit.agent_desktop.talks import CAMPAIGN, settle_talks

pytestmark = pytest.mark.browser
CALL = "ob-3-5-1"


@pytest.fixture
async def asked(site: DeskSite) -> DeskSite:
    """A preview campaign with two questions; its call to Chen is written."""
    async with site.db.begin() as session:
        await settle_talks(session, {people.AGENT: CALL}, people.CHEN)
    return site


async def talking(page: Page, site: DeskSite, exchange: SipExchange) -> None:
    view = replace(
        await site.caller(CALL, people.CHEN_NUMBER, topic="", matches=(people.CHEN,)),
        direction="outbound",
        why="campaign",
    )
    site.telephony.ring(people.AGENT, view)
    await exchange.invite()
    await exchange.until("200")
    site.telephony.answer(people.AGENT)
    await page.wait_for_selector("[data-call=talking]")


async def test_the_questions_are_answered_by_key_and_nothing_is_lost_on_a_reload(
    page: Page, asked: DeskSite, exchange: SipExchange, tmp_path: Path
):
    await at_the_desk(page, asked, exchange)
    await talking(page, asked, exchange)
    sheet = page.locator("#campaign-sheet")
    await expect(sheet).to_contain_text("交车两周回访")
    await expect(sheet).to_contain_text("以 李娜 的名义")
    await sheet.locator(".ask").focus()
    await page.keyboard.press("4")
    await expect(sheet).to_contain_text("顾问讲解清楚吗")
    await page.keyboard.press("2")
    await expect(sheet).to_contain_text("所有问题已答完")
    await sheet.locator("[value=interested]").check()
    await sheet.locator("[name=note]").fill("想换冬胎")
    await sheet.locator("[name=wish]").fill("原厂冬胎")
    await sheet.locator("[data-do=talk-wish]").click()
    await expect(sheet.locator("#talk-saved")).to_have_text("已登记为线索")
    await page.screenshot(path=str(tmp_path / "talk.png"))
    await page.reload()
    await expect(sheet.locator("[name=note]")).to_have_value("想换冬胎")
    await expect(sheet.locator("[value=interested]")).to_be_checked()
    async with asked.db.begin() as session:
        given = {one.question: one.value for one in await session.scalars(select(Answer))}
        lead = await session.scalar(select(Lead.wish).where(Lead.contact_id == CALL))
        attempt = (await session.scalars(select(CampaignAttempt))).one()
    assert given == {"q1": 4, "q2": 0}
    assert (lead, attempt.disposition, attempt.note) == ("原厂冬胎", "interested", "想换冬胎")


async def test_a_call_again_without_a_time_is_told_at_its_field_and_keeps_the_rest(
    page: Page, asked: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, asked, exchange)
    await talking(page, asked, exchange)
    sheet = page.locator("#campaign-sheet")
    await sheet.locator("[name=note]").fill("在开车")
    await sheet.locator("[value=call_later]").check()
    await expect(sheet.locator("[data-error=call_again]")).to_contain_text("请选择再次拨打的时间")
    await expect(sheet.locator("[name=note]")).to_have_value("在开车")


async def test_the_next_customer_of_a_preview_is_read_about_then_dialled(
    page: Page, site: DeskSite, exchange: SipExchange, tmp_path: Path
):
    async with site.db.begin() as session:
        await settle_talks(session, {people.AGENT: CALL}, people.CHEN)
        campaign = await session.get_one(Campaign, CAMPAIGN)
        campaign.queue, campaign.status = "repair", "running"
        entry = (await session.scalars(select(CampaignEntry))).one()
        entry.state, entry.attempts = "waiting", 0
        whole_day = {f"hours_{day}": [[0, 1440]] for day in ("workday", "weekend", "holiday")}
        hours = {**state_of(FIRST_RULES), **whole_day, "stopped_by_complaint": [], "most_touches": 50}
        await save_contact_rules(session, hours, base=None, actor="1", at=now())
        asked: dict[str, Any] = {"contact_id": "", "words": "可以", "actor": "1", "at": now()}
        await answer(session, people.CHEN, Purpose.SURVEY, Channel.PHONE, True, **asked)
    await at_the_desk(page, site, exchange)
    sheet = page.locator("#campaign-sheet")
    await expect(sheet).to_contain_text("下一位客户", timeout=25_000)
    await expect(sheet).to_contain_text("陈建国")
    await sheet.locator("[data-next=skip] .btn").click()
    await expect(sheet.locator("[data-error=why]")).to_have_text("请写明原因。")
    await page.screenshot(path=str(tmp_path / "next.png"))
    await sheet.locator("[data-do=next-dial]").click()
    await expect(sheet).to_be_hidden()
    assert ("preview", people.AGENT, str(CAMPAIGN), str(entry.id)) in site.telephony.wishes
