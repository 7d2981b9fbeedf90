"""The floor page in a real browser: keys, the leader's own phone, rows that stay under the mouse, a cut feed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from crm_core.history.events import AgentStateChanged, TelephonyLinkChanged
from tests.browser import people
from tests.browser.desk_site import DeskSite, signed_in
from tests.browser.floor_people import LEADER, SUPERVISOR, floor_site
from tests.browser.sip_peer import SipExchange

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(tmp_path: Path, exchange: SipExchange) -> AsyncIterator[DeskSite]:
    async with floor_site(tmp_path, exchange) as running:
        yield running


async def rows(page: Page) -> list[str]:
    return await page.eval_on_selector_all("#agents tbody tr", "rows => rows.map(row => row.dataset.agent)")


async def test_a_leader_listens_by_keys_and_the_phone_answers_by_itself(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await signed_in(page, site, LEADER, "/floor")
    await exchange.until("REGISTER")
    await page.wait_for_selector("body[data-phone=ok]")
    first, second = (await rows(page))[:2]
    await page.keyboard.press("j")
    await page.wait_for_url(f"**/floor?agent={first}")
    await page.keyboard.press("j")
    await page.wait_for_url(f"**/floor?agent={second}")
    await page.keyboard.press("k")
    await page.wait_for_url(f"**/floor?agent={first}")
    await page.click(f"#r-{people.AGENT}")
    await expect(page.locator("#insp h2")).to_have_text("林晓梅")
    await page.keyboard.press("l")
    await page.wait_for_selector(".modes [data-mode=listen][aria-checked=true]")
    await exchange.invite()
    await exchange.until("200")
    await expect(page.locator("body")).to_have_attribute("data-microphone", "off")
    await expect(page.locator(".path")).to_contain_text("都听不到您")
    assert ("supervise", LEADER, people.AGENT, "listen") in site.telephony.wishes


async def test_whispering_asks_once_in_the_same_panel(page: Page, site: DeskSite):
    await signed_in(page, site, SUPERVISOR, f"/floor?agent={people.AGENT}")
    await page.keyboard.press("w")
    question = page.locator(".ask[data-for=whisper]")
    await expect(question).to_contain_text("客户听不到")
    assert not [wish for wish in site.telephony.wishes if wish[0] == "supervise"]
    await question.locator("[data-do=mode-yes]").click()
    await page.wait_for_selector(".modes [data-mode=whisper][aria-checked=true]")
    await page.keyboard.press("l")
    await page.wait_for_selector(".modes [data-mode=listen][aria-checked=true]")
    await page.keyboard.press("w")
    await page.wait_for_selector(".modes [data-mode=whisper][aria-checked=true]")
    await page.click("[data-do=stop]")
    await page.wait_for_selector(".modes [aria-checked=true]", state="detached")


async def test_the_address_holds_filter_and_selection(page: Page, site: DeskSite):
    await signed_in(page, site, SUPERVISOR, "/floor")
    await page.click("[data-filter=alarm]")
    await page.click("#r-1029")
    await page.reload()
    await page.wait_for_selector("body.live")
    await expect(page.locator("#r-1029")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("#insp h2")).to_have_text("郭婷")
    await expect(page.locator("#r-1019")).to_be_hidden()


async def test_the_row_under_the_mouse_stays_where_it_is(page: Page, site: DeskSite):
    await signed_in(page, site, SUPERVISOR, "/floor")
    before = await rows(page)
    await page.hover("#r-1019")
    site.telephony.set_desk("1019", reachable=False)
    site.telephony.tell(AgentStateChanged(at=time.time(), agent="1019", state="ready"))
    await expect(page.locator("body")).to_have_attribute("data-number", str(site.telephony.number))
    assert await rows(page) == before
    await page.mouse.move(5, 5)
    await expect(page.locator("#agents tbody tr").nth(1)).to_have_id("r-1019")


async def test_a_cut_feed_shows_old_figures_as_old(page: Page, site: DeskSite):
    await signed_in(page, site, SUPERVISOR, "/floor")
    site.telephony.connected = False
    site.telephony.tell(TelephonyLinkChanged(at=time.time(), connected=False))
    await page.wait_for_selector("body.blind")
    await expect(page.locator("#feed-word")).to_contain_text("断开")
    await expect(page.locator("#fig-waiting .v")).to_have_text("4")
    site.telephony.connected = True
    site.telephony.tell(TelephonyLinkChanged(at=time.time(), connected=True))
    await page.wait_for_selector("body:not(.blind)")


async def test_signing_an_agent_out_asks_in_place(page: Page, site: DeskSite):
    await signed_in(page, site, SUPERVISOR, "/floor?agent=1019")
    await page.click("[data-do=sign-out-ask]")
    assert not [wish for wish in site.telephony.wishes if wish[0] == "force"]
    async with page.expect_response("**/api/floor/force"):
        await page.click(".ask[data-for=offline] [data-state=offline]")
    await expect(page.locator(".ask[data-for=offline]")).to_be_hidden()
    assert ("force", SUPERVISOR, "1019", "offline", "") in site.telephony.wishes


async def test_a_callback_is_put_first_or_taken_off_by_keys_and_taking_off_asks_in_place(page: Page, site: DeskSite):
    await signed_in(page, site, SUPERVISOR, "/floor")
    row = page.locator("#k-k1")
    await expect(row).to_contain_text("轮到即回呼")
    await row.get_by_role("button", name="优先回呼").focus()
    async with page.expect_response("**/api/floor/call-now"):
        await page.keyboard.press("Enter")
    assert ("call_now", SUPERVISOR, "k1") in site.telephony.wishes
    await row.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(row).to_contain_text("不会再回呼这位客户")
    assert not [wish for wish in site.telephony.wishes if wish[0] == "cancel"]
    async with page.expect_response("**/api/floor/call-off"):
        await row.locator("[data-do=call-off]").press("Enter")
    assert ("cancel", SUPERVISOR, "k1") in site.telephony.wishes
    await expect(page.locator("#k-k3").get_by_role("button")).to_have_count(0)


async def test_a_message_to_the_team_says_what_is_wrong_with_it(page: Page, site: DeskSite):
    await signed_in(page, site, LEADER, "/floor")
    await page.click("[data-do=write-all]")
    await page.fill("#write-all textarea", "售后量大，请缩短话后")
    await page.click("#write-all button.pri")
    await expect(page.locator("#write-all")).to_be_hidden()
    [sent] = [wish for wish in site.telephony.wishes if wish[0] == "message"]
    assert sent[2:] == ("1015,1018,1019,1021,1029,1032", "售后量大，请缩短话后")
