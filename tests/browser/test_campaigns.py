"""Campaigns in a real browser: planned by keyboard, started and stopped, watched live, in both languages."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.campaigns.filling import filling_handlers
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.clock import now
from crm_core.history.campaign_events import AttemptEnded
from crm_core.jobs.runner import JobRunner
from crm_core.segments.model import Segment
from crm_core.segments.recompute import refresh
from tests.browser import people
from tests.browser.campaign_site import BUSY, EMPTY, settle_campaigns
from tests.browser.desk_site import DeskSite, a_tab, enter, running_site
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
CITY = {"join": "all", "groups": [{"join": "all", "conditions": [{"field": "city", "op": "is", "value": "长春"}]}]}
PAGES = (
    "/campaigns",
    "/campaigns/new",
    f"/campaigns/{BUSY}",
    f"/campaigns/{EMPTY}",
    f"/campaigns/{BUSY}/edit",
    f"/campaigns/{BUSY}/entries",
    f"/campaigns/{BUSY}/refused",
    f"/campaigns/{BUSY}/unsettled",
    f"/campaigns/{BUSY}/entries/1",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            people.add_boss(session)
            await session.flush()
            for one in (people.CHEN, people.LI_MIN, people.LI_QIANG, people.WANG):
                await refresh(session, one, now())
            segment = Segment(name="长春客户", dimension="who", definition=CITY, created_at=now(), changed_at=now())
            session.add(segment)
            await settle_campaigns(session, now())
        running.telephony.set_desk(people.AGENT, state="talking", since=time.time() - 134)
        running.telephony.set_desk(people.ENGLISH_AGENT, state="ready", since=time.time() - 7)
        yield running


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab(browser) as page:
        await enter(page, site, people.BOSS, "/campaigns")
        yield page


async def speak(site: DeskSite, language: str) -> None:
    async with site.db.begin() as session:
        await session.execute(update(User).values(language=language))


@pytest.mark.parametrize(("language", "words"), [("zh-CN", ("进行中", "结束")), ("en", ("Running", "Ended"))])
async def test_a_campaign_is_planned_filled_started_and_stopped_by_keyboard(
    tab: Page, site: DeskSite, tmp_path: Path, language: str, words: tuple[str, str]
):
    running, ended = words
    await speak(site, language)
    await tab.goto(f"{site.address}/campaigns/new")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator("[name=name]")).to_be_focused()  # the first wrong field
    await tab.keyboard.type("春节前回访")
    await tab.focus("[name=mode]:checked")
    await tab.keyboard.press("ArrowUp")
    await expect(tab.locator("[name=mode]:checked")).to_have_value("progressive")
    await tab.focus("[name=queue]")
    await tab.select_option("[name=queue]", "enquiry")
    await tab.keyboard.press("Control+Enter")
    await tab.wait_for_url("**/entries")
    number = int(tab.url.split("/")[-2])
    await tab.focus("[data-reveal=fill]")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("[name=segment]")).to_be_focused()
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await tab.wait_for_selector("[data-running]")
    await JobRunner(site.db, filling_handlers(tmp_path, ZoneInfo("Asia/Shanghai"))).run_due(now())
    await expect(tab.locator("#list tbody tr")).to_have_count(3)  # the page comes anew by itself
    await expect(tab.locator(".work").last).to_contain_text(
        "3"
    )  # nobody was asked for consent: three may not be called
    await tab.goto(f"{site.address}/campaigns/{number}")
    await tab.focus("[formaction$='/start']")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#head [data-status]")).to_have_text(running)
    await tab.focus(".stop > summary")
    await tab.keyboard.press("Enter")
    await expect(tab.locator(".stop .panel")).to_contain_text("3")
    await tab.keyboard.press("Escape")
    await expect(tab.locator(".stop .panel")).to_be_hidden()
    await tab.keyboard.press("Enter")
    await tab.focus("[name=why]")
    await tab.keyboard.type("名单错了")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#head [data-status]")).to_have_text(ended)
    async with site.db.begin() as session:
        row = await session.get_one(Campaign, number)
        assert (row.status, row.ended_why) == ("ended", "名单错了")


async def test_the_board_follows_the_calls_without_a_reload_and_keeps_what_somebody_types(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/campaigns/{BUSY}")
    await tab.wait_for_selector("body.live")
    dropped = tab.locator("#drops .of")
    before = await dropped.text_content() or ""
    await tab.click(".stop > summary")
    await tab.fill("[name=why]", "我正在写")
    async with site.db.begin() as session:
        waiting = await session.scalar(select(CampaignEntry).where(CampaignEntry.state == "waiting").limit(1))
        assert waiting is not None
        call = CampaignAttempt(
            call="ob-1-99999-1", campaign_id=BUSY, entry_id=waiting.id, customer_id=waiting.customer_id
        )
        call.number, call.e164, call.result, call.machine = 1, "+8613800000000", "dropped", "human"
        call.placed_at = call.answered_at = call.ended_at = now()
        session.add(call)
    site.telephony.tell(AttemptEnded(at=time.time(), call="ob-1-99999-1", campaign=BUSY, result="dropped"))
    first = int(before.split("/")[0])
    await expect(dropped).to_contain_text(f"{first + 1} / ")
    assert await tab.input_value("[name=why]") == "我正在写"
    assert await tab.locator(".stop .panel").is_visible()
    await site.telephony.take_break(people.ENGLISH_AGENT, "rest")
    await expect(tab.locator("#team .st.break")).to_have_count(1)


async def test_a_number_opens_the_list_behind_it(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/campaigns/{BUSY}")
    await tab.click("#reasons dd >> nth=0", trial=True)
    await tab.click("#reasons dt a >> nth=0")
    await expect(tab.locator("#list tbody tr")).to_have_count(97)
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/entries/*")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [1440, 1920])
async def test_no_page_is_wider_than_the_screen_or_complains(tab: Page, site: DeskSite, language: str, width: int):
    await speak(site, language)
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    await tab.set_viewport_size({"width": width, "height": 900 if width == 1440 else 1080})
    for path in PAGES:
        await tab.goto(f"{site.address}{path}")
        await tab.wait_for_load_state("networkidle")
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width, path
        assert not complaints, path
