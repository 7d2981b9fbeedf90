"""A customer whom a campaign reached is on the agent's ear at once: the desk answers by itself, with a tone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from tests.browser import people
from tests.browser.desk_site import DeskSite
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk

pytestmark = pytest.mark.browser


async def test_the_desk_answers_a_campaigns_customer_without_a_click(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    view = replace(
        await site.caller("ob-3-5-1", people.CHEN_NUMBER, topic="", matches=(people.CHEN,)),
        direction="outbound",
        why="campaign",
    )
    site.telephony.ring(people.AGENT, view)
    await exchange.invite()
    await exchange.until("200")
    site.telephony.answer(people.AGENT)
    await page.wait_for_selector("[data-call=talking]")
    marks = await page.evaluate("performance.getEntriesByName('hotline:answered-for').map((mark) => mark.detail)")
    assert marks == ["ob-3-5-1"]
    assert not await page.evaluate("'tone' in document.body.dataset")
    assert not await page.evaluate("document.body.classList.contains('returning')")
    await expect(page.locator(".callbar")).to_contain_text("陈建国")
    assert await page.locator("#alert").inner_text() == ""
