"""The words of a talk on the agent's desk in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from cti.talk_text import Side
from tests.browser import people
from tests.browser.desk_site import DeskSite
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking

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
