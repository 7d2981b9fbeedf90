"""Where recordings lie, whether they are untouched, and a customer's request for erasure, as people see them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.history.model import Contact
from crm_core.retention.holds import hold
from recording.nightly_check import NightlyCheck
from recording.vault import Vault
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter, running_site
from tests.scripted_telephony import ScriptedTelephony
from tests.unit.recording.stored_talks import a_kept_talk

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Shanghai")
QUEUES = re.compile("Queues with a time|单独设定时间")
SHOTS = os.environ.get("HOTLINE_SHOTS", "")  # a folder: the pages as pictures, for people to look at


async def a_site_with_recordings(site: DeskSite, folder: Path) -> int:
    """Five talks of one customer, one of them held, one lost; gives the customer's number."""
    for number in range(1, 6):
        await a_kept_talk(site.db, folder, f"talk{number}", 0.5, customer=500 + 50 * number)
    async with site.db.begin() as session:
        customer = (await session.scalars(select(Customer.id).order_by(Customer.id).limit(1))).one()
        await session.execute(update(Contact).where(Contact.id.like("talk%")).values(customer_id=customer, note="来电"))
        await hold(session, "talk2", "诉讼 2026-17", actor=people.ADMIN, at=now())
    return customer


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def speaks(site: DeskSite, language: str, theme: str = "light") -> None:
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language, theme=theme))


async def test_a_lost_recording_is_read_on_the_page_in_both_languages(browser: Browser, tmp_path: Path):
    folder = tmp_path / "recordings"
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT)) as site, a_tab(browser) as page:
        await enter(page, site, people.ADMIN, "/admin/recording-storage")
        await expect(page.locator("#checks")).to_contain_text("还没有做过检查")
        await shot(page, "storage-empty-zh")
        await a_site_with_recordings(site, folder)
        await page.reload()
        await page.get_by_role("button", name="立即读取并检查全部").click()
        await expect(page.get_by_role("button", name="正在检查")).to_be_disabled()
        await shot(page, "storage-busy-zh")
        (folder / "20261122/talk3-1.flac").unlink()
        assert await NightlyCheck(site.db, Vault(folder), ZONE).look() == "broken"
        for language, lost in (("zh-CN", "不见了"), ("en", "gone")):
            for width, theme in ((1440, "light"), (1920, "dark")):
                await speaks(site, language, theme)
                await page.set_viewport_size({"width": width, "height": 900})
                await page.reload()
                row = page.locator("#checks tr", has_text="20261122/talk3-1.flac")
                await expect(row).to_contain_text(lost)
                assert await page.evaluate("document.documentElement.scrollWidth") <= width
                await shot(page, f"storage-{language}-{width}")
        folder.rename(tmp_path / "gone")
        (tmp_path / "recordings.volume").write_text("marked\n")
        await page.reload()
        await expect(page.locator(".form-error")).to_contain_text("The volume with the recordings is not there.")
        await shot(page, "storage-away-en")


async def test_what_goes_and_what_stays_is_seen_before_a_second_person_erases_it(browser: Browser, tmp_path: Path):
    folder = tmp_path / "recordings"
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT)) as site, a_tab(browser) as page:
        customer = await a_site_with_recordings(site, folder)
        await enter(page, site, people.ADMIN, "/admin/erasure")
        await expect(page.locator("main, .main").first).to_contain_text("还没有客户要求清除")
        await page.fill("[name=customer]", "999999")
        await page.keyboard.press("Enter")
        await expect(page.locator(".form-error")).to_contain_text("没有这位客户")
        await shot(page, "erasure-unknown-zh")
        await page.fill("[name=customer]", str(customer))
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/admin/erasure/customer/{customer}")
        await page.fill("[name=days]", "60")
        await page.keyboard.press("Enter")
        await page.fill("[name=why]", "11 月 24 日来信")
        await page.keyboard.press("Enter")
        await page.fill("[name=typed]", "1")
        await shot(page, "erasure-asked-zh")
        await page.fill("[name=typed]", "0")
        await page.get_by_role("button", name="永久清除").click()
        await expect(page.locator(".form-error")).to_contain_text(f"请输入客户编号 {customer}")
        await page.fill("[name=typed]", str(customer))
        await page.get_by_role("button", name="永久清除").click()
        await expect(page.locator(".tag.warn", has_text="正在执行")).to_be_visible()
        for language, held in (("zh-CN", "有人要求保留"), ("en", "a person holds it")):
            await speaks(site, language)
            await page.goto(f"{site.address}/admin/erasure/customer/{customer}")
            await expect(page.locator("tr", has_text=held).first).to_be_visible()
            await shot(page, f"erasure-running-{language}")
        await page.goto(f"{site.address}/admin/erasure")
        await shot(page, "erasure-list-en")
        await page.goto(f"{site.address}/admin/recordings")
        await page.locator("details summary", has_text=QUEUES).click()
        await shot(page, "retention-en")
        await speaks(site, "zh-CN")
        await page.reload()
        await page.locator("details summary", has_text=QUEUES).click()
        await shot(page, "retention-zh")
