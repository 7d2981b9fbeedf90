"""A customer's PIN is set on the customer's page by keyboard, and taken away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter

pytestmark = pytest.mark.browser
CUSTOMER = f"/customers/{people.CHEN}"


async def shot(page: Page, name: str) -> None:
    """Only for eyes: where HOTLINE_SHOTS names a folder."""
    if folder := os.environ.get("HOTLINE_SHOTS"):
        await page.locator("#pin").scroll_into_view_if_needed()
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_a_pin_is_set_by_keyboard_after_a_bad_one_was_refused_and_is_taken_away(browser: Browser, site: DeskSite):
    async with a_tab(browser) as page:
        await enter(page, site, people.AGENT, CUSTOMER)
        await page.focus("#pin a")
        await page.keyboard.press("Enter")
        await expect(page.locator("#pin [name=pin]")).to_be_focused()
        await page.keyboard.type("123456")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#pin .field-error")).to_contain_text("不易猜到")
        await expect(page.locator("#pin [name=pin]")).to_be_focused()
        await shot(page, "pin-wrong")
        await page.keyboard.type("402913")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#pin")).to_contain_text("今天由林晓梅设置")
        await page.click("#pin a")
        await page.wait_for_selector("#pin form[action$=clear]")
        await shot(page, "pin-set")
        await page.click("#pin form[action$=clear] button")
        await expect(page.locator("#pin")).to_contain_text("未设置")


async def test_the_part_is_told_in_english_too(browser: Browser, site: DeskSite):
    async with a_tab(browser) as page:
        await enter(page, site, people.ENGLISH_AGENT, CUSTOMER)
        await expect(page.locator("#pin")).to_contain_text("None: the digits of the plate prove who calls.")
        await shot(page, "pin-en")
