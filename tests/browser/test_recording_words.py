"""A talk is read along while it plays, a word is heard by a click, words are found in it by keyboard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from playwright.async_api import Page, expect
from sqlalchemy import update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.db import Database
from crm_core.history.model import Contact, Leg, Recording, RecordingMark
from crm_core.transcripts.keywords import FIRST
from crm_core.transcripts.model import Transcript
from crm_core.transcripts.queue import NextTalk
from crm_core.transcripts.storing import Made, MadeLine, store
from recording.raw_audio import peaks_of, peaks_path
from tests.browser import people
from tests.browser.desk_site import DeskSite, enter

SAID = (
    ("agent", 2, "李先生您好，您的车 7 月 4 日应该交付，目前是运输环节延误，我帮您查到具体位置。"),
    ("customer", 16, "你们上次说 7 月 10 号一定到，今天都 16 号了，我婚礼都办完了。"),
    ("customer", 24, "再拖下去我就找媒体，你们看着办。"),
    ("agent", 34, "非常抱歉，这个确实是我们没做好。我现在请金达远辰的王经理一起给您一个准信。"),
    ("customer", 56, "每次都是让我等，能不能给个书面的时间？"),
    ("agent", 68, "可以，我今天 17:00 前短信发给您，写明到店日期和补偿。"),
    ("customer", 111, "行，那我等到五点。"),
    ("agent", 116, "谢谢您的理解。另外代步车您还需要继续用吗？ Your refund is on its way."),
    ("customer", 134, "要是五点没有短信，我就退车。"),
)


def made_line(side: str, began: float, text: str) -> MadeLine:
    signs = text.split(" ") if text.isascii() else list(text)
    words = [
        [sign, began + place * 0.2, began + place * 0.2 + 0.2, 0.3 if 5 <= place <= 6 and began == 34 else 0.95]
        for place, sign in enumerate(signs)
    ]
    return MadeLine(side=side, began=began, ended=began + 0.2 * len(signs), text=text, confidence=0.94, words=words)


async def a_written_talk(db: Database, folder: Path, said: Sequence[tuple[str, float, str]] = SAID) -> int:
    """Two and a half minutes with a private pause and a hold, played as two tones."""
    began = now() - timedelta(hours=1)
    async with db.begin() as session:
        contact = Contact(id="talk-1", direction="inbound", caller=people.CHEN_NUMBER, started_at=began)
        contact.customer_id, contact.queue, contact.agent = people.CHEN, "repair", people.AGENT
        contact.ended_at, contact.outcome, contact.language = began + timedelta(seconds=150), "answered", "zh-CN"
        session.add(contact)
        await session.flush()
        session.add(Leg(id="talk-1-1", contact_id="talk-1", agent=people.AGENT, queue="repair", offered_at=began))
        row = Recording(contact_id="talk-1", leg_id="talk-1-1", agent=people.AGENT, file="20260716/talk-1-1.flac")
        row.started_at, row.seconds, row.status = began, 150.0, "ready"
        session.add(row)
        await session.flush()
        for kind, at, seconds in (("pause", 80, 30), ("hold", 124, 8)):
            mark = RecordingMark(recording_id=row.id, kind=kind, began_at=began + timedelta(seconds=at), why="")
            mark.ended_at, mark.by = began + timedelta(seconds=at + seconds), people.AGENT
            session.add(mark)
        session.add(Transcript(recording_id=row.id))
        await session.flush()
        talk = NextTalk(
            recording_id=row.id, contact_id="talk-1", leg_id="talk-1-1", agent=people.AGENT, queue="repair",
            file=row.file, language="zh-CN", started_at=began, tries=1,
        )  # fmt: skip
        spans: dict[str, Any] = {
            "customer": [(16, 31), (56, 60), (112, 114)],
            "agent": [(2, 17.5), (30, 50), (68, 78), (116, 123)],
        }
        lines = [made_line(*one) for one in said]
        made = Made(engine="whisper whisper-base", language="zh-CN", seconds=150.0, lines=lines, spans=spans)
        await store(session, talk, made, FIRST, at=now())
        sound = folder / row.file
    sound.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(150 * 8000) / 8000
    sides = np.zeros((len(time), 2))
    for place, side in enumerate(("customer", "agent")):
        for start, end in spans[side]:
            inside = (time >= start) & (time < end)
            sides[inside, place] = 0.4 * np.sin(2 * np.pi * (300 + 200 * place) * time[inside])
    soundfile.write(sound, sides, 8000, subtype="PCM_16")
    peaks_path(sound).write_text(json.dumps(peaks_of(sound)))
    return row.id


async def as_supervisor(site: DeskSite, page: Page, path: str, language: str = "zh-CN") -> None:
    async with site.db.begin() as session:
        wanted = update(User).where(User.number == people.AGENT)
        await session.execute(wanted.values(roles="supervisor", language=language))
    await enter(page, site, people.AGENT, path)


async def test_a_word_is_heard_by_a_click_and_the_line_that_plays_is_lit(site: DeskSite, page: Page, tmp_path: Path):
    recording = await a_written_talk(site.db, tmp_path / "recordings")
    await as_supervisor(site, page, f"/recordings/{recording}")
    await page.locator(".tx mark").first.click()
    await expect(page.locator(".tx li.on .x")).to_contain_text("再拖下去我就找媒体")
    assert float(await page.locator("#player").get_attribute("data-place") or 0) >= 25.3
    await expect(page.locator(".tx .mk").first).to_contain_text("隐私暂停 30 秒")
    await expect(page.locator(".tx .low")).to_have_text(["这", "个"])


async def test_words_are_found_over_the_borders_of_words_and_followed_by_enter(
    site: DeskSite, page: Page, tmp_path: Path
):
    recording = await a_written_talk(site.db, tmp_path / "recordings")
    await as_supervisor(site, page, f"/recordings/{recording}")
    box = page.locator(".tr .find input")
    await box.fill("我就")
    await expect(page.locator(".tr .found")).to_have_text("1 / 2")
    await box.press("Enter")
    await expect(page.locator(".tr .found")).to_have_text("2 / 2")
    await box.fill("YOUR REFUND")
    await expect(page.locator(".tr .found")).to_have_text("1 / 1")
    await box.fill("没人说过")
    await expect(page.locator(".tr .found")).to_have_text("0 / 0")
