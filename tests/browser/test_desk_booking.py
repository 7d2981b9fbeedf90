"""Help nearby, in the call: the stations appear with the kind, a workshop is booked and moved beside the record."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from crm_core.dealers.network_model import WorkshopBooking
from tests.browser.desk_site import DeskSite
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking

pytestmark = pytest.mark.browser


async def test_stations_stand_in_the_record_as_soon_as_the_kind_needs_one(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await page.keyboard.press("1")
    await expect(page.locator(".near:visible")).to_have_count(0)
    await page.click(".kinds label:has([value=rescue])")
    rescue = page.locator(".near.rescue")
    await expect(rescue.locator("b").first).to_have_text("长春金达远辰")
    await rescue.locator("[data-do=dial]").nth(1).click()
    await page.wait_for_selector("#transfer:not([hidden])")
    await expect(page.locator("#transfer .target[aria-selected=true] b")).to_have_text("长春博众远辰")


async def test_a_workshop_is_booked_and_moved_to_another_dealer_without_leaving_the_record(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await page.keyboard.press("4")
    await page.keyboard.type("想明天来店")
    await page.locator(".near.repair [data-dealer='2']").click()
    await expect(page.locator("#booking-panel [name=dealer]").first).to_have_value("2")
    await page.locator(".days a").last.click()
    await expect(page.locator(".days a").nth(2)).to_have_attribute("aria-current", "true")
    await page.locator(".slots input:not(:disabled)").first.check(force=True)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".booked")).to_contain_text("长春博众远辰")
    await page.click(".coming a")
    await expect(page.locator("#booking-panel h3")).to_have_text("改时间或门店")
    await page.locator("#booking-panel select[name=dealer]").select_option("1")
    await expect(page.locator("#booking-panel .times [name=dealer]")).to_have_value("1")
    await page.locator(".slots input:not(:disabled)").first.check(force=True)
    await page.click(".times button.pri")
    await expect(page.locator(".booked")).to_contain_text("长春金达远辰")
    await expect(page.locator("[name=note]")).to_have_value("想明天来店")
    await page.click("[data-booking=close]")
    assert await page.evaluate("document.activeElement.name") == "note"
    async with site.db.begin() as session:
        row = (await session.scalars(select(WorkshopBooking))).one()
    assert (row.dealer_id, row.status, row.source) == (1, "booked", "hotline")
