"""The customer's page in a real browser: found while typing, edited where it stands, by keyboard, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from agent_desktop.security import SESSION_COOKIE
from crm_core.access.actions import sign_in
from crm_core.clock import now
from crm_core.customers.model import CustomerAddress, CustomerPhone
from tests.browser import people
from tests.browser.desk_site import DeskSite, running_site, signed_in
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


async def open_page(page: Page, site: DeskSite, path: str, agent: str = people.AGENT) -> None:
    """The agent has signed in and looks at a page that is not the desk."""
    async with site.db.begin() as session:
        entered = await sign_in(session, number=agent, password=people.PASSWORD, address="127.0.0.1", at=now())
    cookie = {"name": SESSION_COOKIE, "value": entered.token, "url": site.address, "httpOnly": True, "sameSite": "Lax"}
    await page.context.add_cookies([cookie])  # type: ignore[list-item]
    await page.goto(f"{site.address}{path}")


async def test_a_customer_is_found_while_typing_and_opened_by_keyboard(page: Page, site: DeskSite):
    await open_page(page, site, "/customers")
    await page.keyboard.press("/")
    await page.keyboard.type("cjg")
    await expect(page.locator("#rows tbody tr")).to_have_count(1)
    await expect(page).to_have_url(f"{site.address}/customers?q=cjg")
    await page.locator("#rows a").first.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{site.address}/customers/{people.CHEN}")
    await expect(page.locator(".name h2")).to_have_text("陈建国")
    await page.go_back()
    await page.wait_for_selector("#rows tbody tr")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.getAttribute('href')") == f"/customers/{people.CHEN}"


async def test_contact_data_are_edited_where_they_stand_and_taken_back(page: Page, site: DeskSite):
    await open_page(page, site, f"/customers/{people.CHEN}")
    contact = page.locator("#contact")
    await contact.get_by_role("link", name="修改").click()
    await expect(contact.locator("[name='phones.0.value']")).to_be_focused()
    rows = await contact.locator("[data-rows=phones] [data-row]").count()
    await contact.locator(f"[name='phones.{rows - 1}.value']").fill("12")
    await expect(contact.locator("[data-rows=phones] [data-row]")).to_have_count(rows + 1)  # one more empty row
    await contact.locator("[name='addresses.0.street']").fill("朝阳区同志街 1 号")
    await page.keyboard.press("Control+Enter")
    await expect(contact.locator(".field-error")).to_contain_text("不是完整的电话号码")
    await expect(contact.locator("[name='addresses.0.street']")).to_have_value("朝阳区同志街 1 号")
    await contact.locator(f"[name='phones.{rows - 1}.value']").fill("0431 8486 3318")
    await page.keyboard.press("Control+Enter")
    await expect(contact).to_contain_text("0431 **** 3318")
    async with site.db.begin() as session:
        numbers = list(
            await session.scalars(select(CustomerPhone.e164).where(CustomerPhone.customer_id == people.CHEN))
        )
    assert "+8643184863318" in numbers
    await contact.get_by_role("button", name="撤销").click()
    await expect(page.locator("#contact")).not_to_contain_text("3318")
    async with site.db.begin() as session:
        assert (await session.scalars(select(CustomerAddress))).all() == []


async def test_a_number_is_hidden_until_it_is_asked_for(page: Page, site: DeskSite):
    await open_page(page, site, f"/customers/{people.CHEN}")
    assert "13804317706" not in await page.content()
    await page.locator("[data-reveal]").first.click()
    await expect(page.locator("[data-reveal]").first).to_have_text("13804317706")


async def test_the_timeline_is_filtered_without_loading_the_page(page: Page, site: DeskSite):
    await open_page(page, site, f"/customers/{people.CHEN}")
    await page.evaluate("window.kept = true")
    await page.locator(".flt a", has_text="工单").click()
    await expect(page.locator(".ev.call")).to_have_count(0)
    await expect(page.locator(".ev.case").first).to_be_visible()
    assert "show=cases" in page.url
    assert await page.evaluate("window.kept")
    await page.reload()
    await expect(page.locator(".flt a[aria-current]")).to_contain_text("工单")


async def test_the_page_speaks_english_and_nothing_runs_over(page: Page, site: DeskSite):
    await open_page(page, site, f"/customers/{people.CHEN}", people.ENGLISH_AGENT)
    await expect(page.locator(".right")).to_contain_text("What comes next")
    for width in (1440, 1920, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        for part in (".left", ".right", ".top", ".events"):
            box = f"(() => {{ const e = document.querySelector('{part}'); return e.scrollWidth - e.clientWidth }})()"
            assert await page.evaluate(box) <= 0, (width, part)


async def test_a_vehicle_is_opened_from_its_customer_and_its_user_changed(page: Page, site: DeskSite):
    await open_page(page, site, f"/customers/{people.CHEN}")
    await page.locator("a.veh").first.click()
    await page.wait_for_url("**/vehicles/*")
    await page.get_by_label("驾驶人").first.check()
    await page.locator(".role-form button").first.click()
    await expect(page.locator(".toast.saved")).to_contain_text("已保存")
    await expect(page.get_by_label("驾驶人").first).to_be_checked()


async def test_the_agent_completes_the_callers_address_at_the_desk(page: Page, site: DeskSite):
    call = await site.caller("c-1", people.CHEN_NUMBER, matches=(people.CHEN,))
    await signed_in(page, site)
    site.telephony.ring(people.AGENT, call)
    await page.locator("[data-contact-of]").click()
    sheet = page.locator("#contact-sheet")
    await sheet.locator("[name='addresses.0.street']").fill("朝阳区同志街 1 号")
    await page.keyboard.press("Control+Enter")
    await expect(sheet).to_contain_text("同志街")
    async with site.db.begin() as session:
        assert await session.scalar(select(CustomerAddress.street)) == "朝阳区同志街 1 号"
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
