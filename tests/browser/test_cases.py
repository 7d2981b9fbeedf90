"""Cases in a real browser: the complaint's loop walked by all its people with the clock moved, and a rescue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.cases.actions import open_case
from crm_core.cases.clock_jobs import watch_clock
from crm_core.cases.model import Case, CaseNotice
from crm_core.cases.timing import JOB
from crm_core.clock import now
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.jobs.runner import JobRunner
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
SUN = "5101"
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            secret = (await session.scalars(select(User.password_hash).limit(1))).one()
            session.add(User(number=SUN, name="孙丽", roles="dealer_relations", dealer_id=1, password_hash=secret))
            session.add(DealerStaff(dealer_id=1, name="刘志远", title="技术总监", role="technician", skills=[]))
            for dealer in await session.scalars(select(Dealer)):
                dealer.services, dealer.rescue_phone = ["rescue"], "+8643188880099"
        yield running


async def a_case(site: DeskSite, **facts: Any) -> Case:
    async with site.db.begin() as session:
        given: dict[str, Any] = {"customer_id": people.CHEN, "actor": people.AGENT, "at": now()} | facts
        return await open_case(session, **given, zone=ZONE)


async def dealer_step(page: Page, button: str, **typed: str) -> None:
    """Fill in the dealer's one form and press its one primary button, once it is the one of this step."""
    await expect(page.locator(".ft .btn.pri")).to_contain_text(button)
    for name, text in typed.items():
        await page.fill(f'#step [name="{name}"]', text)
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.click(".ft .btn.pri")


async def test_a_complaint_is_walked_by_agent_dealer_and_centre_and_the_clock_tells_who_waits(
    browser: Browser, site: DeskSite
):
    case = await a_case(site, kind="complaint", sub_kind="product_quality", title="充电中断，三次进店未解决")
    async with a_tab(browser) as centre, a_tab(browser) as dealer:
        await enter(centre, site, people.AGENT, "/cases?kind=complaint")
        await centre.keyboard.press("j")
        await centre.keyboard.press("Enter")
        await centre.wait_for_url(f"**/cases/{case.number}")
        await expect(centre.locator("li.current")).to_contain_text("客户关系经理签收")
        # Nobody accepts within two hours: the relations manager hears of it, then the centre's owner.
        await JobRunner(site.db, {JOB: watch_clock}).run_due(now() + timedelta(hours=7))
        async with site.db.begin() as session:
            told = list(await session.scalars(select(CaseNotice.number).where(CaseNotice.kind == "escalate")))
        assert told[0] == SUN
        await centre.reload()
        await expect(centre.locator(".events .escalated").first).to_contain_text("签收")
        await enter(dealer, site, SUN, f"/dealer/complaints/{case.number}")
        await dealer_step(dealer, "签收")
        await dealer_step(dealer, "指定并通知", words="请今天说明检测安排")
        await dealer_step(dealer, "已联系客户", words="约明天上午")
        await dealer_step(dealer, "已解决", words="更换充电模块")
        await dealer_step(dealer, "提交报告", cause="模块故障", measures="更换，路试正常", customer_said="接受")
        await centre.reload()
        await expect(centre.locator("li.current")).to_contain_text("客户中心回访")
        await expect(centre.locator(".report")).to_contain_text("模块故障")
        await centre.click('form[data-act="confirm"] >> text=登记')
        await expect(centre.locator("#confirm-satisfied-error")).to_have_text("请选择客户的意见。")
        await centre.click('form[data-act="confirm"] label:has-text("满意"):not(:has-text("不满意"))')
        await centre.click('form[data-act="confirm"] .score label:has-text("4")')
        await centre.click('form[data-act="confirm"] >> text=登记')
        await expect(centre.locator(".case-clock")).to_contain_text("客户已确认")
    async with site.db.begin() as session:
        closed = await session.get_one(Case, case.id)
    assert (closed.status, closed.satisfaction) == ("closed", 4)


async def test_a_rescue_is_followed_to_the_customers_word_in_english(browser: Browser, site: DeskSite):
    case = await a_case(site, kind="rescue", title="Flat tyre")
    async with a_tab(browser) as page:
        await enter(page, site, people.ENGLISH_AGENT, f"/cases/{case.number}")
        await page.fill('[name="road"]', "G1, towards Harbin")
        await page.select_option('[name="near"]', "长春")
        await page.click("text=Find stations")
        await page.click("text=Send the station")
        await page.click("text=The station has accepted")
        await page.fill('[name="minutes"]', "30")
        await page.click('form[data-act="under-way"] button')
        await expect(page.locator("li.current")).to_contain_text("there at")
        await page.click("text=Help has arrived")
        await page.fill('form[data-act="helped"] textarea', "Spare wheel fitted")
        await page.keyboard.press("Control+Enter")
        await page.click("text=Yes, helped")
        await page.click('form[data-act="confirm-rescue"] button')
        await expect(page.locator(".case-clock")).to_contain_text("Customer confirmed")


async def test_a_rescue_is_sent_answered_at_the_station_and_seen_step_by_step_by_the_centre(
    browser: Browser, site: DeskSite
):
    case = await a_case(site, kind="rescue", title="爆胎，停在应急车道")
    async with a_tab(browser) as centre, a_tab(browser) as dealer:
        await enter(dealer, site, SUN, "/dealer/leads")
        await enter(centre, site, people.AGENT, f"/cases/{case.number}")
        await centre.fill('[name="road"]', "G1 长春绕城")
        await centre.select_option('[name="near"]', "长春")
        await centre.click("text=查找服务站")
        await expect(centre.locator(".stations .station").first).to_contain_text("km")
        await centre.click('form[data-act="dispatch"] button.pri')
        # The station's open page tells by itself, whatever it shows.
        await expect(dealer.locator(".breakdown")).to_contain_text("爆胎", timeout=30_000)
        await dealer.click(".breakdown")
        await expect(dealer.locator(".facts").first).to_contain_text("G1 长春绕城")
        await dealer_step(dealer, "接受并前往", minutes="35")
        await expect(dealer.locator(".breakdown")).to_have_count(0)
        await centre.reload()
        await expect(centre.locator("li.current")).to_contain_text("到达")
        await dealer_step(dealer, "在途", minutes="25", truck="吉A·救01")
        await dealer_step(dealer, "救援已到达")
        await dealer_step(dealer, "完成救援", words="换上备胎")
        await centre.reload()
        await expect(centre.locator("li.done")).to_have_count(5)
        await expect(centre.locator(".events .helped")).to_contain_text("换上备胎")
        await centre.click('form[data-act="confirm-rescue"] label >> nth=0')
        await centre.click('form[data-act="confirm-rescue"] button.pri')
        await expect(centre.locator(".case-clock")).to_contain_text("客户已确认")


async def test_chosen_cases_are_given_away_by_keyboard_and_taken_back(browser: Browser, site: DeskSite):
    one = await a_case(site, kind="repair", title="天窗漏水")
    async with a_tab(browser) as page:
        await enter(page, site, people.AGENT, "/cases?whose=mine")
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        await page.select_option("#bulk-bar select", people.ENGLISH_AGENT)
        await page.click("#bulk-bar .pri")
        await expect(page.locator(".toast.saved")).to_contain_text("已转派 1 张工单")
        await page.click(".toast.saved button")
        await expect(page.locator("#list")).to_contain_text(one.number)
