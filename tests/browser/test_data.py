"""A list on its way into the database, and two customers who are one, in a real browser and by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect
from sqlalchemy import func, select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.customers.duplicates import check
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.imports.work import import_handlers
from crm_core.jobs.runner import JobRunner
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
TWIN = 901
LIST = "客户姓名,手机,城市,出生日期,备注\n周一,13700000001,长春,1980-01-01,老客户\n周二,13700000002,长春,1980-02-30,\n"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT)) as running:
        async with running.db.begin() as session:
            await session.execute(update(User).where(User.number == people.ADMIN).values(roles="supervisor"))
            session.add(Customer(id=TWIN, name="陈健国", name_pinyin="chenjianguo cjg", city="吉林", created_at=now()))
            await session.flush()
            session.add(CustomerPhone(customer_id=TWIN, e164=people.CHEN_NUMBER))
            await session.flush()
            await check(session, {TWIN}, at=now())
        yield running


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    async with a_tab(browser) as page:
        yield page


async def work(site: DeskSite, folder: Path) -> None:
    """The platform's timed work has come round."""
    handlers = import_handlers(folder / "imports", ZoneInfo("Asia/Shanghai"))
    await JobRunner(site.db, handlers).run_due(now() + timedelta(minutes=1))


async def test_a_list_is_uploaded_checked_taken_over_and_taken_back(tab: Page, site: DeskSite, tmp_path: Path):
    await enter(tab, site, path="/admin/data")
    await expect(tab.locator("#send")).to_be_disabled()
    chosen = {"name": "名单.csv", "mimeType": "text/csv", "buffer": LIST.encode("gbk")}
    await tab.set_input_files("[name=file]", files=[FilePayload(**chosen)])  # type: ignore[typeddict-item]
    await tab.click("#send")
    await tab.wait_for_url("**/admin/data/1")
    await expect(tab.locator("select[name=column]").nth(1)).to_have_value("number")
    await expect(tab.locator("select[name=column]").nth(4)).to_have_value("")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator(".working h2")).to_have_text("正在检查")
    await work(site, tmp_path)
    await expect(tab.locator(".figures dd").first).to_have_text("1")
    await expect(tab.locator(".problems")).to_contain_text("是不存在的日期")
    async with tab.expect_download() as download:
        await tab.click("a[href$='errors.xlsx']")
    assert (await download.value).suggested_filename == "名单-errors.xlsx"
    await tab.click("form[action$='/run'] button")
    await work(site, tmp_path)
    await expect(tab.locator(".bar .tag")).to_have_text("已导入")
    await tab.click("[data-reveal=undoing]")
    await tab.click("#undoing .danger")
    await work(site, tmp_path)
    await expect(tab.locator(".bar .tag")).to_have_text("已撤回")
    async with site.db.begin() as session:
        assert await session.scalar(select(func.count()).where(Customer.source == "import")) == 0


async def test_a_file_that_is_no_list_is_refused_under_the_field(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/data")
    picture = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    await tab.set_input_files("[name=file]", files=[FilePayload(**picture)])  # type: ignore[typeddict-item]
    await tab.click("#send")
    await expect(tab.locator("#file-error")).to_contain_text("既不是文本表格")


async def test_two_customers_become_one_by_keyboard_and_two_again(tab: Page, site: DeskSite):
    await enter(tab, site, path="/customers/duplicates")
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/customers/merge?**")
    await tab.check("[name='field.city'][value=drop]")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator(".toast:not(#toast)")).to_contain_text("全部记录已移过去")
    async with site.db.begin() as session:
        assert (await session.get_one(Customer, people.CHEN)).city == "吉林"
    await tab.locator(".toast:not(#toast) button").click()
    await expect(tab.locator(".toast:not(#toast)")).to_contain_text("各自的记录都在")
    async with site.db.begin() as session:
        assert (await session.get_one(Customer, people.CHEN)).city == "长春"


@pytest.mark.parametrize(("width", "language"), [(1440, "zh-CN"), (1920, "en"), (1440, "en")])
async def test_nothing_overflows(browser: Browser, site: DeskSite, width: int, language: str):
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language))
    async with a_tab(browser, width=width) as page:
        await enter(page, site, path="/admin/data")
        merge = f"/customers/merge?keep={people.CHEN}&drop={TWIN}"
        for path in ("/admin/data", "/customers/duplicates", "/customers/merges", merge):
            await page.goto(f"{site.address}{path}")
            assert await page.evaluate("() => document.documentElement.scrollWidth") == width, path
