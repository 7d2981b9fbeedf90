"""A recording on its page in a real browser: heard, searched, taken out with a reason, as evidence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_core.access.model import AuditEntry, User
from crm_core.history.model import Recording
from recording.raw_audio import peaks_of, peaks_path
from tests.browser.desk_site import DeskSite, a_tab, enter

pytestmark = pytest.mark.browser
REVIEWER = "3001"
RATE = 8_000
SHOTS = os.environ.get("HOTLINE_SHOTS", "")
"""A folder for pictures of what a person would see, to be looked at; "" = none are taken."""


def two_voices(path: Path, seconds: float) -> None:
    """The customer's side (left) has 880 Hz in turns with the agent's 440 Hz, with silences, as in a talk."""
    at = np.arange(int(seconds * RATE)) / RATE
    loud = 0.35 + 0.25 * np.sin(2 * np.pi * at / 1.7) * np.sin(2 * np.pi * at / 0.4)
    customer = loud * np.sin(2 * np.pi * 880 * at) * ((at % 17) < 7)
    agent = loud * np.sin(2 * np.pi * 440 * at) * (((at % 17) > 8) & ((at % 17) < 13))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([customer, agent], axis=1), RATE, format="FLAC")
    peaks_path(path).write_text(json.dumps(peaks_of(path)), encoding="utf-8")


async def recorded(site: DeskSite, folder: Path, *, seconds: float = 484.0) -> int:
    """The recording of the site's one recorded talk gets its sound; a reviewer is hired."""
    file = "20260716/old-1-1.flac"
    two_voices(folder / "recordings" / file, seconds)
    async with site.db.begin() as session:
        row = (await session.scalars(select(Recording))).one()
        row.file, row.seconds = file, seconds
        known = await session.get_one(User, 1)
        session.add(
            User(number=REVIEWER, name="田雨", name_en="Tian Yu", roles="quality", password_hash=known.password_hash)
        )
        return row.id


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        for width, height in ((1440, 900), (1920, 1080)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png")
        await page.set_viewport_size({"width": 1440, "height": 900})


async def actions(site: DeskSite) -> list[str]:
    async with site.db.begin() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def test_a_reviewer_plays_and_seeks_and_it_is_written_down_once(browser: Browser, site: DeskSite, tmp_path: Path):
    number = await recorded(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        await expect(page.locator("h1")).to_contain_text("录音 R-")
        await expect(page.locator(".wave .bars").first).to_be_attached()
        await page.keyboard.press("Space")
        await expect(page.locator("#player")).to_have_class("pl playing")
        await page.locator(".wave").click(position={"x": 620, "y": 80})
        place = float(await page.locator("#player").get_attribute("data-place") or 0)
        assert 200 < place < 260
        await shot(page, "player-zh")
    assert (await actions(site)).count("recording.listen") == 1
