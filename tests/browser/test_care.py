"""The care plan in a real browser: a rule written by keyboard, the calendar walked to the person and the reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.care.jobs import plan_care
from crm_core.clock import now
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer
from crm_core.vehicles.model import Delivery, Vehicle
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab_of, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
SIZES = ((1440, 900), (1920, 1080))
IN_TWO_WEEKS = timedelta(days=14)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    """Two cars were delivered today: Chen agreed to calls, Li Min was never asked."""
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            people.add_boss(session)
            agreed = Consent(customer_id=people.CHEN, purpose="care", channel="phone", given=True, words="", by="1")
            agreed.at = now()
            session.add(agreed)
            vehicles = list(await session.scalars(select(Vehicle).order_by(Vehicle.id).limit(2)))
            for customer_id, vehicle in zip((people.CHEN, people.LI_MIN), vehicles, strict=True):
                customer = await session.get_one(Customer, customer_id)
                delivery = Delivery(vehicle_id=vehicle.id, customer_id=customer_id, dealer_id=customer.dealer_id or 1)
                delivery.delivered_on, delivery.consultant = now().date(), "李娜"
                session.add(delivery)
        await plan(running)
        yield running


async def plan(site: DeskSite) -> None:
    """As the job does it, within seconds of an event."""
    async with site.db.begin() as session:
        await plan_care(session, at=now(), zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab_of(browser, site, people.BOSS) as page:
        yield page


async def test_a_rule_is_written_and_saved_by_keyboard_and_counts_its_people(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/care/rules")
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/care/rules/two_weeks")
    await tab.locator("[name=days]").fill("10")
    await tab.locator("[name=days]").press("Control+Enter")
    await expect(tab.locator(".toast.saved")).to_be_visible()
    row = tab.locator("table.rows tbody tr").first
    await expect(row).to_contain_text("交车后 10 天")
    await expect(row.locator(".num")).to_have_text("2…")  # everybody is being planned anew
    await tab.click(".toast.saved button")
    await expect(row).to_contain_text("交车后 14 天")


async def test_a_day_of_the_calendar_says_who_will_be_called_and_who_will_not_and_why(tab: Page, site: DeskSite):
    due = now().date() + IN_TWO_WEEKS
    await tab.goto(f"{site.address}/care?day={due}")
    await tab.locator(f".month a[href*='on={due}']").first.focus()
    await tab.keyboard.press("Enter")
    people_of_day = tab.locator(".people .who")
    await expect(people_of_day).to_have_count(2)
    await expect(people_of_day.filter(has_text="陈建国")).to_contain_text("会联系")
    await expect(people_of_day.filter(has_text="李敏")).to_contain_text("不会联系")
    await expect(people_of_day.filter(has_text="李敏")).to_contain_text("还没有征求过客户同意")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_nothing_of_the_pages_overflows(tab: Page, site: DeskSite, language: str):
    async with site.db.begin() as session:
        boss = await session.scalar(select(User).where(User.number == people.BOSS))
        assert boss is not None
        boss.language = language
    due = now().date() + IN_TWO_WEEKS
    for width, height in SIZES:
        await tab.set_viewport_size({"width": width, "height": height})
        for path in (f"/care?on={due}", f"/care?view=week&day={due}", "/care/rules", "/care/rules/new"):
            await tab.goto(f"{site.address}{path}")
            wide = await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, width)
