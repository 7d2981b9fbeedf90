"""Sign-in, wallboard, the customer's phone and the recording player in a real browser."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from crm_core.access.model import AuditEntry
from crm_core.history.events import CallLeftQueue, CallQueued, TelephonyLinkChanged
from crm_core.history.model import Recording
from recording.raw_audio import keep
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.scripted_telephony import ScriptedTelephony
from tests.unit.recording.calls import raw_talk

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


async def enter(page: Page, site: DeskSite, number: str = people.ADMIN, path: str = "/wallboard") -> None:
    await page.goto(f"{site.address}/login?next={path}")
    await page.fill("#number", number)
    await page.fill("#password", people.PASSWORD)
    await page.click("button.pri")
    await page.wait_for_url(f"{site.address}{path}")


async def test_sign_in_works_without_scripts(browser: Browser, site: DeskSite):
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await enter(page, site)
    assert await page.title() == "大屏 · Hotline"
    await context.close()


async def test_the_microphone_is_proven_before_the_first_call(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/login")
    await expect(tab.locator("#device-state")).to_contain_text("可用")
    await expect(tab.locator("#mic-hint")).to_have_text("听到您了")


async def test_the_wall_shows_a_caller_at_once_and_counts_a_lost_one(tab: Page, site: DeskSite):
    await enter(tab, site, path="/wallboard?tv=1")
    await expect(tab.locator("#waiting")).to_have_text("0")
    now = time.time()
    site.telephony.tell(CallQueued(at=now - 70, call="c1", queue="repair"))
    await expect(tab.locator("#waiting")).to_have_text("1")
    await expect(tab.locator("#longest-flag")).to_have_text("超 60 秒")
    record = site.telephony.tell(CallLeftQueue(at=now, call="c1", queue="repair", result="abandoned"))
    await expect(tab.locator("#content")).to_have_attribute("data-feed", str(record.number))
    await expect(tab.locator("#abandon")).to_have_text("100.0%")
    await expect(tab.locator("#abandon-note")).to_have_text("放弃 1 / 呼入 1")
    assert await tab.locator("#longest").inner_text() == "—"


async def test_a_blind_wall_keeps_its_last_figures_and_says_since_when(tab: Page, site: DeskSite):
    await enter(tab, site, path="/wallboard?tv=1")
    site.telephony.tell(CallQueued(at=time.time(), call="c1", queue="repair"))
    await expect(tab.locator("#waiting")).to_have_text("1")
    site.telephony.tell(TelephonyLinkChanged(at=time.time() - 12, connected=False))
    await expect(tab.locator("#feed")).to_contain_text("断开 00:1")
    assert await tab.locator("#waiting").inner_text() == "1"
    site.telephony.tell(TelephonyLinkChanged(at=time.time(), connected=True))
    await expect(tab.locator("#feed")).to_have_text("实时")


async def test_nothing_on_the_wall_is_smaller_than_26_pixels(browser: Browser, site: DeskSite):
    async with a_tab(browser, width=1920, height=1080) as page:
        await enter(page, site, path="/wallboard?tv=1")
        smallest = await page.evaluate(
            """() => Math.min(...[...document.querySelectorAll('#content *')]
                .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
                .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
        )
        overflow = await page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
    assert smallest >= 26
    assert overflow == [1920, 1080]


async def test_a_refused_microphone_is_explained_to_the_caller(tab: Page, site: DeskSite):
    await tab.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    await tab.goto(f"{site.address}/phone")
    await tab.click("#call")
    await expect(tab.locator("#trouble")).to_contain_text("没有麦克风权限")
    await expect(tab.locator("#call")).to_be_visible()


async def test_a_phone_that_cannot_reach_the_hotline_says_so(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/phone")
    await tab.click("[data-number]")
    await expect(tab.locator("#trouble")).to_have_text("现在接不通热线，请稍后再试。")
    await expect(tab.locator("#call-state")).to_have_text("通话已结束")


async def test_a_recording_plays_seeks_and_each_listening_is_logged(tab: Page, site: DeskSite, tmp_path: Path):
    keep(raw_talk(tmp_path / "recordings/20261122/old-1-1.raw", seconds=20))
    async with site.db.begin() as session:
        await session.execute(update(Recording).values(file="20261122/old-1-1.flac", seconds=20.0))
    await enter(tab, site, people.AGENT, "/contacts/old-1")
    await expect(tab.locator(".wave canvas").first).to_be_visible()
    assert await _listenings(site) == []
    await tab.click(".pb")
    await expect(tab.locator(".player")).to_have_class("player playing")
    await expect(tab.locator(".now")).not_to_have_text("00:00")
    await tab.click(".pb")
    await tab.locator(".wave").focus()
    await tab.keyboard.press("ArrowLeft")
    await expect(tab.locator(".now")).to_have_text("00:00")
    assert await _listenings(site) == [people.AGENT]


async def test_the_list_is_walked_with_j_k_and_enter(tab: Page, site: DeskSite):
    await enter(tab, site, people.AGENT, "/contacts")
    await tab.keyboard.press("j")
    await tab.keyboard.press("j")
    await tab.keyboard.press("k")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/contacts/old-1")


async def test_a_chosen_filter_stands_in_the_address(tab: Page, site: DeskSite):
    await enter(tab, site, people.AGENT, "/contacts")
    await tab.select_option("[name=kind]", "repair")
    await tab.wait_for_url("**/contacts?kind=repair")
    await expect(tab.locator("#list tbody tr")).to_have_count(1)


async def _listenings(site: DeskSite) -> list[str]:
    async with site.db.begin() as session:
        return list(await session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "recording.listen")))
