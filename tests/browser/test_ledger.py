"""A supervisor reads how a day stands, adds a call that we lack, accepts another finding, and has a day checked."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_core.clock import instant, now
from crm_core.figures.model import StreamGap
from crm_core.history.model import Contact
from crm_core.ledger.actions import Found, keep
from crm_core.ledger.model import LedgerRun
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter, running_site
from tests.browser.floor_people import SUPERVISOR, settle_floor
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("HOTLINE_SCREENSHOTS", "")
TODAY = now().astimezone(ZoneInfo("Asia/Shanghai")).date()
YESTERDAY = TODAY - timedelta(days=1)
SUMS = {
    "offered": 922,
    "outbound": 41,
    "groups": {
        "answered": 812, "abandoned": 29, "short_abandon": 13, "voice_message": 9, "callback": 11, "overflow": 2,
        "closed": 24, "self_service": 17, "refused": 3, "before_answer": 1, "away": 1,
    },
    "outbound_groups": {"reached": 33, "not_reached": 8},
    "queues": {
        "repair": {"offered": [512, 512, 512], "answered": [480, 480, 480], "abandoned": [19, 19, 19],
                   "short_abandoned": [8, 8, 8]},
        "enquiry": {"offered": [330, 330, 331], "answered": [322, 322, 322], "abandoned": [6, 6, 7],
                    "short_abandoned": [5, 5, 5]},
    },
}  # fmt: skip


def run(ago: int, *, deaf: float = 0.0, state: str = "done") -> LedgerRun:
    at = now() - timedelta(days=ago - 1)
    return LedgerRun(
        day=TODAY - timedelta(days=ago),
        asked_at=at,
        ended_at=at,
        state=state,
        done=4,
        steps=4,
        sums=SUMS,
        deaf_seconds=deaf,
        logged_from=at - timedelta(days=2),
        logged_until=at,
        failure="OperationalError: database is locked" if state == "failed" else "",
    )


def lacking() -> list[Found]:
    began = instant(now()) - 86_400
    call = {
        "inbound": True, "started": began, "answered": began + 1, "ended": began + 48.5, "caller": "+8613844120031",
        "entry": "4001718888", "said": "", "queue": "repair", "talks": [],
    }  # fmt: skip
    sums = {"figures": {"offered": [330, 330, 331], "abandoned": [6, 6, 7]}}
    file = {"file": f"{YESTERDAY:%Y%m%d}/1795732914.31-1.raw", "status": "missing"}
    return [
        Found(kind="missing_here", subject="1795732914.10", contact="1795732914.10", detail=call),
        Found(kind="recording_lost", subject="1795732914.31-1", contact="1795732914.31", detail=file),
        Found(kind="sums_differ", subject="enquiry", contact="", detail=sums),
    ]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            await settle_floor(session)
            session.add_all([run(1, deaf=10.4), run(2), run(3, deaf=61), run(4), run(5), run(6, state="failed")])
            gap = now() - timedelta(days=1)
            session.add(StreamGap(began_at=gap, ended_at=gap + timedelta(seconds=10.4), reason="link_lost"))
            await session.flush()
            await keep(session, YESTERDAY, lacking(), now())
        yield running


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab(browser) as page:
        await enter(page, site, SUPERVISOR, f"/reports/ledger?day={YESTERDAY}")
        yield page


async def shot(tab: Page, name: str) -> None:
    if SHOTS:
        for width, height in ((1440, 900), (1920, 1080)):
            await tab.set_viewport_size({"width": width, "height": height})
            await tab.screenshot(path=f"{SHOTS}/{name}-{width}.png")
        await tab.set_viewport_size({"width": 1440, "height": 900})


async def test_a_call_that_asterisk_had_is_added_by_a_person(tab: Page, site: DeskSite):
    await expect(tab.locator(".sum").first).to_contain_text("922")
    await expect(tab.locator(".cell[aria-current]")).to_contain_text("3")
    await shot(tab, "ledger")
    await tab.get_by_role("button", name="补记（估计）").click()
    await expect(tab.locator("#settled")).to_contain_text("已按日志补记")
    async with site.db.begin() as session:
        contact = await session.get_one(Contact, "1795732914.10")
    assert (contact.outcome, contact.estimated) == ("ended_while_away", True)


async def test_what_stays_is_accepted_with_a_reason(tab: Page):
    finding = tab.locator(".finds li", has_text="1795732914.31-1")
    await finding.get_by_label("保持不变的原因").fill("磁盘更换时丢失")
    await finding.get_by_role("button", name="确认保留").click()
    await expect(tab.locator("#settled")).to_contain_text("磁盘更换时丢失")
    await expect(tab.locator(".finds")).not_to_contain_text(["1795732914.31-1"])


async def test_a_day_is_checked_at_once_and_tells_how_far_it_is(tab: Page, site: DeskSite):
    await tab.goto(f"{site.address}/reports/ledger")
    await expect(tab.locator(".empty")).to_contain_text("尚未核对")
    await shot(tab, "ledger-empty")
    await tab.get_by_role("button", name="核对这一天").click()
    await expect(tab.locator("progress")).to_be_visible()
    async with site.db.begin() as session:  # what the process for long work does
        row = (await session.scalars(select(LedgerRun).where(LedgerRun.day == TODAY))).one()
        row.state, row.ended_at = "done", now()
        row.sums = {"offered": 0, "outbound": 0, "groups": {}, "outbound_groups": {}, "queues": {}}
    await expect(tab.locator(".agrees")).to_be_visible()


async def test_days_are_walked_with_the_arrow_keys(tab: Page):
    await tab.locator(".cell[aria-current]").focus()
    await tab.keyboard.press("ArrowLeft")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("h2")).to_contain_text(f"{TODAY - timedelta(days=2)}")
    await expect(tab.locator(".agrees")).to_be_visible()


async def test_a_day_that_is_none_is_told_and_today_is_shown(tab: Page, site: DeskSite):
    answer = await tab.goto(f"{site.address}/reports/ledger?day=2026-13-40")
    assert answer is not None
    assert answer.status == 422
    await expect(tab.get_by_role("alert").filter(has_text="这不是一个日期")).to_be_visible()


async def test_in_english_and_in_the_dark_it_is_the_same_page(tab: Page, site: DeskSite):
    token = await tab.locator("meta[name=csrf-token]").get_attribute("content")
    for path, form in (("/language", {"language": "en"}), ("/theme", {"theme": "dark"})):
        await tab.request.post(f"{site.address}{path}", form={**form, "csrf_token": token or ""})
    await tab.reload()
    await expect(tab.locator(".kind h3").first).to_contain_text("Call that Asterisk had and we lack")
    await shot(tab, "ledger-en-dark")
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
