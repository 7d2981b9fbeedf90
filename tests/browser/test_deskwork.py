"""What an agent begins for a customer in a real browser: a case, an answer on consent, a place in a workshop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from crm_core.consent.model import Consent
from crm_core.dealers.network_model import WorkshopBooking
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
CUSTOMER = f"/customers/{people.CHEN}"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


async def test_an_answer_on_consent_is_written_down_in_the_matrix_without_leaving_the_page(
    browser: Browser, site: DeskSite
):
    async with a_tab(browser) as page:
        await enter(page, site, people.AGENT, CUSTOMER)
        await page.click("#consents a[data-swap]")
        await page.check('#consents [value="survey/sms"]')
        await page.click("#consents button.pri")
        await expect(page.locator("#consents .field-error").first).to_have_text("请选择客户同意还是拒绝。")
        await page.click('#consents .segs label:has-text("同意")')
        await page.fill("#consents [name=words]", "可以发短信")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#consents td[title*=可以发短信] .good")).to_be_visible()
    async with site.db.begin() as session:
        row = (await session.scalars(select(Consent).where(Consent.words == "可以发短信"))).one()
    assert (row.purpose, row.channel, row.given) == ("survey", "sms", True)


async def test_a_case_begins_on_the_customers_page_and_asks_what_its_kind_asks_in_english(
    browser: Browser, site: DeskSite
):
    async with a_tab(browser) as page:
        await enter(page, site, people.ENGLISH_AGENT, CUSTOMER)
        await page.click("text=New case")
        await page.click(".kinds >> text=Complaint")
        await page.fill("[name=title]", "Loud wind noise")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("[id='field.demand-error']")).to_have_text("Fill this in.")
        await page.fill("[name='field.demand']", "A new door seal")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**/cases/TS-*")
        await expect(page.locator(".case-head h2")).to_have_text("Loud wind noise")


async def test_a_workshop_is_booked_moved_and_taken_off_with_the_way_back(browser: Browser, site: DeskSite):
    async with a_tab(browser) as page:
        await enter(page, site, people.AGENT, f"/bookings?customer={people.CHEN}")
        day = page.locator(".days a").last
        words = await day.inner_text()
        await day.click()
        await expect(page.locator(".days a[aria-current]")).to_have_text(words)
        await page.locator(".slots input:not(:disabled)").first.check(force=True)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".booked")).to_contain_text("已预约")
        await page.click(".coming a")
        await expect(page.locator("#booking-panel h3")).to_have_text("改时间或门店")
        await page.locator(".slots input:not(:disabled)").nth(4).check(force=True)
        await page.click(".times button.pri")
        await expect(page.locator(".booked")).to_contain_text("已改期")
        await page.click(".coming button")
        await expect(page.locator(".booked")).to_contain_text("已取消")
        await page.click(".booked button")
        await expect(page.locator(".booked")).to_contain_text("已恢复预约")
    async with site.db.begin() as session:
        assert (await session.scalars(select(WorkshopBooking.status))).one() == "booked"
