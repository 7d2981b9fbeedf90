"""Voice messages in a real browser: from the offer at the desk to the result, by keyboard, in both languages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.async_api import Browser, expect

from crm_core.access.model import User
from crm_core.callbacks.model import VoiceMessage
from crm_core.callbacks.watch import set_due_times
from crm_core.clock import now
from crm_core.history.events import MessageOffered
from crm_core.history.model import Contact, Recording
from crm_core.notices.actions import notify
from crm_core.surveys.settings import save_survey
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter
from tests.browser.shots import shot
from tests.unit.agent_desktop.test_surveys import CHIEF
from tests.unit.crm_core.test_surveys import TWO

pytestmark = pytest.mark.browser
"""A folder for pictures of what a person would see, to be looked at; "" = none are taken."""


async def leave(site: DeskSite, folder: Path, call: str, *, minutes: float, **facts: object) -> None:
    """A message with three seconds of sound; `facts` are columns of the message."""
    at = now() - timedelta(minutes=minutes)
    file = f"{at:%Y%m%d}/{call}-m.flac"
    (folder / "recordings" / file).parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / "recordings" / file, 0.2 * np.sin(np.arange(24_000) / 3), 8_000, format="FLAC")
    async with site.db.begin() as session:
        contact = Contact(id=call, direction="inbound", caller=people.CHEN_NUMBER, entry="4001718888", started_at=at)
        contact.customer_id, contact.queue, contact.topic = people.CHEN, "repair", "repair"
        contact.ended_at, contact.outcome, contact.language = at, "voicemail", "zh-CN"
        session.add(contact)
        await session.flush()
        session.add(VoiceMessage(contact_id=call, queue="repair", caller=contact.caller, left_at=at, **facts))
        sound = Recording(contact_id=call, leg_id=f"{call}-m", agent="", file=file, started_at=at, seconds=3.0)
        sound.status = "ready"
        session.add(sound)
        await session.flush()
        await set_due_times(session)


async def test_an_agent_takes_an_offered_message_at_the_desk_and_finishes_it_by_keyboard(
    browser: Browser, site: DeskSite, tmp_path: Path
):
    said = {"heard": "我的车空调有响声，请尽快回电", "heard_by": "whisper base", "text_state": "ready"}
    await leave(site, tmp_path, "m-1", minutes=200, **said)
    await leave(site, tmp_path, "m-2", minutes=5, text_state="no_model", urgent=True)
    async with a_tab(browser) as page:
        await enter(page, site, people.AGENT, "/desk")
        async with site.db.begin() as session:
            message = await session.get_one(VoiceMessage, "m-1")
            message.offered_to, message.offered_until = people.AGENT, now() + timedelta(seconds=45)
        site.telephony.tell(MessageOffered(at=1.0, agent=people.AGENT, message="m-1"))
        offered = page.locator('[data-part="message-m-1"]')
        await expect(offered).to_contain_text("派给您的留言")
        await shot(page, "desk-offer")
        await offered.get_by_role("button", name="领取").click()
        await expect(offered.get_by_role("link", name="打开留言")).to_be_visible()
        await page.goto(f"{site.address}/messages")
        await shot(page, "list-zh")
        rows = page.locator("#list tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("没有安装语音模型")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
        await rows.nth(1).locator("a.open").click()
        await expect(page.locator(".heard")).to_contain_text("机器转写")
        await expect(page.locator(".player .wave")).to_be_visible()
        await page.locator("summary", has_text="更正文字").click()
        await page.fill('[name="text"]', "空调有异响，请尽快回电")
        await page.locator(".said form button").click()
        await expect(page.locator(".said")).to_contain_text("林晓梅 更正")
        await shot(page, "message-zh")
        await page.check('[name="result"][value="case"]')
        await page.fill('[name="note"]', "已转售后工单")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**/messages")
        await expect(rows).to_have_count(1)
        await page.goto(f"{site.address}/customers/{people.CHEN}")
        await expect(page.locator(".ev.call", has_text="空调有异响")).to_contain_text("已转售后工单")


async def test_the_work_list_reads_in_english_and_one_key_calls_back(browser: Browser, site: DeskSite, tmp_path: Path):
    await leave(site, tmp_path, "m-1", minutes=200, heard="空调有响声", heard_by="whisper base", text_state="ready")
    async with site.db.begin() as session:
        notify(session, [people.ENGLISH_AGENT], "message", "m-1", "escalate", at=now())
    async with a_tab(browser) as page:
        await enter(page, site, people.ENGLISH_AGENT, "/messages")
        await expect(page.locator(".told")).to_contain_text("is over due")
        await shot(page, "list-en")
        await page.goto(f"{site.address}/messages/m-1")
        await expect(page.get_by_text("made by a machine")).to_be_visible()
        await shot(page, "message-en")
        async with page.expect_request("**/desk"):
            await page.keyboard.press("c")
        async with site.db.begin() as session:
            message = await session.get_one(VoiceMessage, "m-1")
        assert message.owner in ("", people.ENGLISH_AGENT)


async def test_a_supervisor_writes_questions_and_reads_the_ratings(browser: Browser, site: DeskSite):
    async with site.db.begin() as session:
        known = await session.get_one(User, 1)
        session.add(
            User(number=CHIEF, name="主管", name_en="Chief", roles="supervisor", password_hash=known.password_hash)
        )
        await save_survey(session, "repair", TWO, base=None, actor=CHIEF, at=now())
    async with a_tab(browser) as page:
        await enter(page, site, CHIEF, "/admin/surveys/repair")
        await shot(page, "surveys-zh")
        await page.fill('[name="share"]', "30")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".rows [aria-selected]")).to_contain_text("30%")
        await page.goto(f"{site.address}/surveys")
        await expect(page.locator("h1")).to_have_text("客户评价")
        await shot(page, "ratings-zh")
        await page.goto(f"{site.address}/admin/messages")
        await shot(page, "rules-zh")
        await page.fill('[name="due_minutes"]', "0")
        await page.locator(".side-foot .btn.pri").click()
        await expect(page.locator("#due_minutes-error")).not_to_be_empty()


async def test_the_wall_tells_how_many_messages_nobody_has_how_old_they_are_and_which_are_late(
    browser: Browser, site: DeskSite, tmp_path: Path
):
    await leave(site, tmp_path, "m-1", minutes=300, due_at=now() - timedelta(minutes=60))
    await leave(site, tmp_path, "m-2", minutes=5, due_at=now() + timedelta(minutes=60))
    await leave(site, tmp_path, "m-3", minutes=3, due_at=now() + timedelta(minutes=60), owner=people.AGENT)
    async with a_tab(browser) as page:
        await enter(page, site, people.ADMIN, "/wallboard")
        await expect(page.locator("#messages")).to_have_text("2", timeout=20_000)
        await expect(page.locator("#messages-oldest")).to_contain_text("最久 5:00:")
        await expect(page.locator("#messages-late")).to_have_text("逾期 1")
        await shot(page, "wallboard-messages-zh")
        async with site.db.begin() as session:
            (await session.get_one(User, 3)).language = "en"
        await page.reload()
        await expect(page.locator("#messages-late")).to_have_text("overdue 1")
        await shot(page, "wallboard-messages-en")
