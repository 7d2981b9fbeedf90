"""A case in the call: what is open already is proposed, and the record names what the agent chose."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.desk_site import DeskSite
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking

pytestmark = pytest.mark.browser


async def test_an_open_case_goes_on_and_the_record_names_it(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await page.keyboard.press("4")
    await page.click("[data-case=open]")
    await page.locator("#case-panel .open-already .row", has_text="GD-0713-0183").get_by_role("button").click()
    await expect(page.locator("#case-panel .open-already")).to_have_count(0)
    await expect(page.locator("#case-panel a.mono")).to_have_text("GD-0713-0183")
    await expect(page.locator("#case-panel")).to_contain_text("空调压缩机异响，等配件")
    await expect(page.locator("#record-form [name=case_id]")).to_have_value("1")
    await expect(page.locator("#record-form [name=disposition]")).to_have_value("case_continued")
    await expect(page.locator("#saved")).to_be_visible()
