"""The loop of a lead in a real browser, by all its people: agent, dealer, the dealer after it; the clock is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import select

from agent_desktop.security import SESSION_COOKIE
from crm_core import clock
from crm_core.access.actions import sign_in
from crm_core.access.model import User
from crm_core.dealers.model import DealerStaff
from crm_core.jobs.actions import ensure
from crm_core.jobs.runner import JobRunner
from crm_core.leads.jobs import SENDING_JOB, lead_handlers
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.rules import FIRST_RULES, next_sending
from crm_core.vehicles.model import Delivery, VehicleRole
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, talking

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
SUN, ZHAO = "5101", "5201"  # relations managers of the first dealer and of the one across the city
VIN = "LFV3A23C9R0099001"


class MovedClock:
    """What the site takes for now. It stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    stands = MovedClock()
    monkeypatch.setattr(clock, "now", stands)
    return stands


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The site with its timed work, an agent who talks with Chen, and the clock."""

    site: DeskSite
    desk: Page
    jobs: JobRunner
    moved: MovedClock

    async def pass_days(self, *days: int) -> None:
        """Let so many days go by from now, in these looks, each with the work that is due then."""
        began = self.moved.at
        for day in days:
            self.moved.at = began + day * DAY
            await self.jobs.run_due(self.moved.at)

    async def deliver(self) -> None:
        """The daily hour of delivery comes."""
        self.moved.at = next_sending(FIRST_RULES, self.moved.at, ZONE)
        await self.jobs.run_due(self.moved.at)

    async def lead(self) -> Lead:
        async with self.site.db.begin() as session:
            return (await session.scalars(select(Lead))).one()


@pytest.fixture
async def house(page: Page, site: DeskSite, exchange: SipExchange, moved: MovedClock) -> House:
    """Two dealers sell in Chen's city."""
    async with site.db.begin() as session:
        secret = (await session.scalars(select(User.password_hash).limit(1))).one()
        for number, name, dealer, seller in ((SUN, "孙丽", 1, "李娜"), (ZHAO, "赵刚", 2, "韩冰")):
            session.add(
                User(number=number, name=name, roles="dealer_relations", dealer_id=dealer, password_hash=secret)
            )
            session.add(DealerStaff(dealer_id=dealer, name=seller, title="销售顾问", role="sales_consultant"))
        await ensure(session, SENDING_JOB, "site", next_sending(FIRST_RULES, moved.at, ZONE))
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await page.keyboard.press("1")
    return House(site=site, desk=page, jobs=JobRunner(site.db, lead_handlers(ZONE)), moved=moved)


async def enter(page: Page, site: DeskSite, number: str, path: str) -> None:
    async with site.db.begin() as session:
        entered = await sign_in(session, number=number, password=people.PASSWORD, address="127.0.0.1", at=clock.now())
    cookie: Any = {"name": SESSION_COOKIE, "value": entered.token, "url": site.address, "httpOnly": True}
    await page.context.add_cookies([cookie])
    await page.goto(f"{site.address}{path}")


async def take_down(page: Page, *, buy_by: date | None) -> None:
    """Fill in the desk's lead sheet by keyboard alone."""
    sheet = page.locator("#lead-sheet")
    await page.focus("#record-form [data-do=lead]")
    await page.keyboard.press("Enter")
    await expect(sheet.locator("[name=model]")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(sheet.locator("[data-error=wish]")).to_have_text("请写明看好哪款车，或者客户想要什么。")
    await expect(sheet.locator("[name=wish]")).to_be_focused()
    await page.keyboard.type("换七座，年前试驾")
    if buy_by is not None:
        await sheet.locator("[name=buy_by]").fill(buy_by.isoformat())
    await sheet.locator("[name=test_drive]").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")  # from "not asked yet" on to "agrees"
    await page.keyboard.press("Tab")
    await page.keyboard.type("可以，周末联系我")
    await page.keyboard.press("Control+Enter")
    await expect(sheet.locator("#lead-made")).to_contain_text("已登记：XS-")
    await expect(sheet).to_be_hidden()
    await expect(page.locator("#record-form [data-do=lead]")).to_be_focused()


async def dealer_does(page: Page, button: str, **typed: str) -> None:
    """Fill in the dealer's one form and send it by keyboard."""
    await expect(page.locator(".ft .btn.pri")).to_contain_text(button)
    for name, text in typed.items():
        await page.fill(f'#step [name="{name}"]', text)
    await page.locator("#step :is(select, textarea)").first.focus()
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.keyboard.press("Control+Enter")


async def open_fold(page: Page, fold: str) -> Locator:
    await page.click(f"{fold} > summary")
    return page.locator(f"{fold} form")


async def verify(page: Page, number: str) -> None:
    """From the list of leads to the lead, found real by keyboard."""
    await expect(page.locator("#list tbody tr")).to_have_count(1)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/leads/{number}")
    await page.focus('form[action$="/verify"] [name=wish]')
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".events .verified")).to_be_visible()


async def sell(page: Page) -> None:
    """The dealer keeps the lead as won; a wrong VIN is told at its field first."""
    sold = await open_fold(page, "#won")
    await sold.locator("[name=model]").fill("远辰 E8")
    await sold.locator("[name=price_yuan]").fill("268000")
    await sold.locator("[name=vin]").fill("LFV3A23C9R009900O")
    await page.keyboard.press("Enter")
    await expect(sold.locator(".field-error", has_text="17")).to_be_visible()
    await sold.locator("[name=vin]").fill(VIN)
    await page.keyboard.press("Enter")
    await expect(page.locator("#won")).to_have_count(0)


async def test_a_lead_from_the_call_to_the_car_over_two_dealers(browser: Browser, house: House):
    site = house.site
    await take_down(house.desk, buy_by=house.moved.at.date() + 90 * DAY)
    lead = await house.lead()
    assert (lead.status, lead.horizon, lead.contact_id, lead.test_drive) == ("new", "mid", "c1", True)
    async with a_tab(browser) as centre, a_tab(browser) as dealer, a_tab(browser) as across:
        await enter(centre, site, people.AGENT, "/leads")
        await verify(centre, lead.number)
        await house.deliver()
        await enter(dealer, site, SUN, "/dealer/leads")
        await dealer.click(f'a[href*="{lead.number}"]')
        await dealer_does(dealer, "指定并通知")
        await expect(dealer.locator(".ft .btn.pri")).to_contain_text("反馈")
        await house.pass_days(5, 7)
        await enter(centre, site, people.AGENT, f"/leads/{lead.number}")
        await expect(centre.locator(".events .reminded")).to_have_count(2)
        await house.pass_days(2)
        await enter(centre, site, people.AGENT, f"/leads/{lead.number}")
        await expect(centre.locator(".events .reassigned")).to_contain_text("从长春金达远辰转给长春博众远辰")
        await enter(dealer, site, SUN, f"/dealer/leads/{lead.number}")
        await expect(dealer.get_by_text("这里没有内容，或不属于您。")).to_be_visible()

        await enter(across, site, ZHAO, f"/dealer/leads/{lead.number}")
        await dealer_does(across, "指定并通知")
        await dealer_does(across, "反馈", words="周六试驾，带家人")
        await expect(across.locator("#story")).to_contain_text("周六试驾，带家人")
        await house.pass_days(3)
        await enter(across, site, ZHAO, f"/dealer/leads/{lead.number}")
        await sell(across)
        await enter(centre, site, people.AGENT, f"/leads/{lead.number}")
        await expect(centre.locator(".events .won")).to_contain_text(VIN)
        await centre.click(".prospect .name")
        await centre.wait_for_url(f"**/customers/{people.CHEN}")
        await expect(centre.locator("body")).to_contain_text(VIN[-8:])
    async with site.db.begin() as session:
        delivery = (await session.scalars(select(Delivery))).one()
        role = await session.scalar(select(VehicleRole).where(VehicleRole.vehicle_id == delivery.vehicle_id))
    assert (delivery.dealer_id, delivery.consultant, delivery.price_yuan) == (2, "韩冰", 268_000)
    assert role is not None
    assert (role.customer_id, role.role) == (people.CHEN, "buyer")


async def test_a_lead_for_later_is_called_by_the_plan_and_lost_with_its_reason(browser: Browser, house: House):
    site = house.site
    await take_down(house.desk, buy_by=None)
    lead = await house.lead()
    async with a_tab(browser) as centre, a_tab(browser) as dealer:
        await enter(centre, site, people.AGENT, "/leads")
        await verify(centre, lead.number)
        await expect(centre.locator(".events .nurtured")).to_be_visible()
        await house.pass_days(92)
        await enter(centre, site, people.AGENT, "/leads?due=call")
        await centre.click(f'a[href$="{lead.number}"]')
        await centre.fill('form[action$="/called"] [name=words]', "等年终奖，明年春天买")
        await centre.keyboard.press("Control+Enter")
        await expect(centre.locator(".events .nurture_step").first).to_contain_text("等年终奖")

        soon = (house.moved.at.date() + 10 * DAY).isoformat()
        await centre.click('details:has(form[action$="/verify"]) summary')
        await centre.fill('form[action$="/verify"] [name=buy_by]', soon)
        await centre.keyboard.press("Control+Enter")
        await expect(centre.locator(".events .sent")).to_contain_text("长春金达远辰")
        await enter(dealer, site, SUN, f"/dealer/leads/{lead.number}")
        lost = await open_fold(dealer, "#lost")
        await lost.locator("[name=reason]").select_option("competitor")
        await lost.locator("button").click()
        await expect(lost.locator(".field-error", has_text="客户")).to_be_visible()
        await lost.locator("[name=lost_to]").fill("对手 X5")
        await lost.locator("button").click()
        await expect(dealer.locator("#lost")).to_have_count(0)
        await centre.reload()
        await expect(centre.locator(".prospect")).to_contain_text("对手 X5")
    async with site.db.begin() as session:
        kinds = list(await session.scalars(select(LeadEvent.kind).order_by(LeadEvent.at, LeadEvent.id)))
    assert kinds == ["captured", "verified", "nurtured", "nurture_step", "nurture_step", "verified", "sent", "lost"]
