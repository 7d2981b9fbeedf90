"""A caller in distress shares the place from a phone; the agent sees it at once, with what was done in the menu."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from crm_core.clock import now
from crm_core.self_service.model import PositionLink, SelfServiceAct
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking

pytestmark = pytest.mark.browser
CODE = "abcdefghjkmn"


async def shot(page: Page, name: str) -> None:
    """Only for eyes: where HOTLINE_SHOTS names a folder."""
    if folder := os.environ.get("HOTLINE_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def menu_done(site: DeskSite, call: str) -> None:
    at = now()
    async with site.db.begin() as session:
        session.add(
            PositionLink(
                code=CODE, call=call, e164=people.CHEN_NUMBER, language="zh-CN", made_at=at,
                expires_at=at + timedelta(hours=1),
            )
        )  # fmt: skip
        done = (("identify", "right"), ("case_state", "found"), ("position_link", "sent"))
        for number, (operation, result) in enumerate(done):
            act = SelfServiceAct(call=call, operation=operation, key=str(number), result=result, at=at)
            act.facts = {"case_number": "GD-0713-0183"}
            session.add(act)


async def test_the_place_that_the_callers_phone_shares_is_on_the_agents_card_while_they_talk(
    page: Page, site: DeskSite, exchange: SipExchange, browser: Browser
):
    await menu_done(site, "c1")
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    did = page.locator("#customer .did li")
    await expect(did).to_have_text(["身份已验证", "听取了 GD-0713-0183 的进展", "已收到位置链接"])
    context = await browser.new_context(
        viewport={"width": 390, "height": 780}, locale="en", geolocation={"latitude": 43.8301, "longitude": 125.3102}
    )
    await context.grant_permissions(["geolocation"])
    phone = await context.new_page()
    await phone.goto(f"{site.address}/where/{CODE}")
    await shot(phone, "where-en-390")
    await phone.get_by_role("button", name="Share my position").click()
    await expect(phone.locator(".told")).to_contain_text("Received at")
    await shot(phone, "where-told-en-390")
    await expect(page.locator("#customer .did .place")).to_contain_text("43.83010, 125.31020")
    await shot(page, "desk-place-1440")
    await context.close()


async def test_a_phone_that_gives_no_position_leads_to_words_by_keyboard(site: DeskSite, browser: Browser):
    await menu_done(site, "c1")
    async with a_tab(browser) as tab:
        await tab.goto(f"{site.address}/where/{CODE}")
        await tab.get_by_role("button", name="发送我的位置").press("Enter")
        await expect(tab.locator("#state")).to_contain_text("手机没有给出位置")
        await expect(tab.locator("#words")).to_be_focused()
        await tab.keyboard.type("G1 京哈高速 1023 公里")
        await shot(tab, "where-refused-zh-1440")
        await tab.keyboard.press("Enter")
        await expect(tab.locator(".told")).to_contain_text("已收到")


async def test_an_agent_marks_a_nuisance_in_the_call_and_takes_it_back(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await page.locator("#customer .nuisance summary").press("Enter")
    await shot(page, "desk-nuisance-open-1440")
    await page.get_by_role("button", name="恶作剧").press("Enter")
    await expect(page.locator("#customer .nuisance .marked")).to_contain_text("恶作剧")
    await shot(page, "desk-nuisance-1440")
    await page.get_by_role("button", name="收回").click()
    await expect(page.locator("#customer .nuisance summary")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "typed", "city", "sent"),
    [("en", "changch", "Changchun", "Send in words"), ("zh-CN", "长春", "长春市", "用文字发送")],
)
async def test_without_a_position_city_road_and_kilometre_are_chosen_on_a_narrow_phone(
    site: DeskSite, browser: Browser, *, language: str, typed: str, city: str, sent: str
):
    await menu_done(site, "c1")
    context = await browser.new_context(viewport={"width": 390, "height": 780}, locale=language)
    phone = await context.new_page()
    await phone.goto(f"{site.address}/where/{CODE}")
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 390
    await phone.fill("#find-city", typed)
    await expect(phone.locator("#city option[data-find]")).to_have_text([city])
    await expect(phone.locator("#city")).to_have_value("吉林/长春市")  # a single one is chosen
    await phone.fill("#road", "G1")
    await phone.fill("#km", "1023")
    await shot(phone, f"where-city-{language}-390")
    await phone.get_by_role("button", name=sent).click()
    await expect(phone.locator(".told .said")).to_have_text("吉林长春市 G1 K1023")
    await shot(phone, f"where-told-{language}-390")
    async with site.db.begin() as session:
        link = await session.get_one(PositionLink, 1)
        assert link.words == "吉林长春市 G1 K1023"
    await context.close()
