"""Privacy at the desk: the recording is paused by a key, a button or a private field, and the call bar says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from crm_core.errors import Refused
from tests.browser import people
from tests.browser.desk_site import DeskSite
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking

pytestmark = pytest.mark.browser


def asked(site: DeskSite) -> list[tuple[str, ...]]:
    return [wish for wish in site.telephony.wishes if wish[0].endswith("_recording")]


async def test_the_recording_is_paused_and_taken_up_again_by_one_key(
    page: Page, site: DeskSite, exchange: SipExchange, tmp_path: Path
):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await expect(page.locator(".cb-call")).to_contain_text("双声道录音中")
    before = await page.locator(".cb-actions").bounding_box()
    await page.keyboard.press("F7")
    await expect(page.locator(".cb-call")).to_contain_text("已暂停录音")
    await expect(page.locator(".cb-call")).to_contain_text("自动恢复还有 01:5")
    await page.screenshot(path=tmp_path / "paused.png")
    assert await page.locator(".cb-actions").bounding_box() == before
    await page.keyboard.press("F7")
    await expect(page.locator(".cb-call")).to_contain_text("双声道录音中")
    assert asked(site) == [("pause_recording", people.AGENT, "button"), ("resume_recording", people.AGENT, "button")]


async def test_a_pause_that_is_not_confirmed_is_a_sentence_and_the_bar_says_that_the_recording_goes_on(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    site.telephony.recordings.refusal = Refused(
        "The telephone system has not confirmed the pause: the recording goes on. Press again."
    )
    await page.click("[data-do=privacy]")
    await expect(page.locator("#toast")).to_contain_text("录音仍在进行")
    await expect(page.locator(".cb-call")).to_contain_text("双声道录音中")


async def test_while_the_customers_pin_is_written_nothing_is_recorded(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    record = await page.context.new_page()
    await record.goto(f"{site.address}/customers/{people.CHEN}?edit=pin#pin")
    await record.locator("[data-private]").focus()
    await expect(page.locator(".cb-call")).to_contain_text("已暂停录音")
    await record.locator("[data-private]").blur()
    await expect(page.locator(".cb-call")).to_contain_text("双声道录音中")
    assert asked(site) == [("pause_recording", people.AGENT, "field"), ("resume_recording", people.AGENT, "field")]
