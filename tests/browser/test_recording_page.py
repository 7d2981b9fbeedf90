"""A recording on its page in a real browser: heard, sought, shared, taken out with a reason, as evidence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile
from playwright.async_api import Browser, Page, Response, expect
from sqlalchemy import select, update

import recording.library
from crm_core.access.model import AuditEntry, User
from crm_core.history.model import Recording
from recording.raw_audio import peaks_path
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter
from tests.browser.shots import SHOTS, shot
from tests.browser.test_recording_words import a_written_talk

pytestmark = pytest.mark.browser
REVIEWER = "3001"
"""A folder for pictures of what a person would see, to be looked at; "" = none are taken."""
HEARD = """() => {
  const make = AudioContext.prototype.createGain;
  window.gains = [];
  AudioContext.prototype.createGain = function () { const one = make.call(this); window.gains.push(one); return one; };
}"""
"""Remembers the two ways to the ears: the customer's and the agent's."""


async def a_reviewed_talk(site: DeskSite, folder: Path, *, language: str = "zh-CN", theme: str = "light") -> int:
    """A talk with its transcript, a private pause and a hold; and a reviewer."""
    number = await a_written_talk(site.db, folder / "recordings")
    async with site.db.begin() as session:
        known = await session.get_one(User, 1)
        reviewer = User(number=REVIEWER, name="田雨", name_en="Tian Yu", roles="quality", theme=theme)
        reviewer.password_hash, reviewer.language = known.password_hash, language
        session.add(reviewer)
    return number


async def actions(site: DeskSite) -> list[str]:
    async with site.db.begin() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def place_of(page: Page) -> float:
    return float(await page.locator("#player").get_attribute("data-place") or 0)


async def test_a_reviewer_plays_seeks_and_hears_one_side_and_it_is_written_down_once(
    browser: Browser, site: DeskSite, tmp_path: Path
):
    number = await a_reviewed_talk(site, tmp_path)
    async with a_tab(browser) as page:
        await page.add_init_script(f"({HEARD})()")
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        await expect(page.locator(".wave rect.pause")).to_have_count(1)
        await expect(page.locator(".fl.hold")).to_contain_text("保持 00:08")
        assert "recording.listen" not in await actions(site)  # to look at a waveform is no listening
        await page.keyboard.press("Space")
        await expect(page.locator("#player.playing")).to_be_visible()
        await page.locator(".wave").click(position={"x": 620, "y": 120})
        await expect(page.locator(".now")).to_contain_text("01:1")
        await page.keyboard.press("ArrowLeft")
        assert 60 < await place_of(page) < 85
        await page.get_by_role("radio", name="只听客户").click()
        assert await page.evaluate("gains.map(one => one.gain.value)") == [1, 0]
        await page.get_by_role("radio", name="只听坐席").click()
        assert await page.evaluate("gains.map(one => one.gain.value)") == [0, 1]
        await page.get_by_role("radio", name="1.5", exact=True).click()
        await page.locator(".fl.k").first.click()
        await expect(page.locator(".tx li.on")).to_contain_text("找媒体")
        await shot(page, "player-zh")
        await page.reload()
        await expect(page.get_by_role("radio", name="1.5", exact=True)).to_have_attribute("aria-checked", "true")
    assert (await actions(site)).count("recording.listen") == 1


async def test_silence_is_skipped_when_asked(browser: Browser, site: DeskSite, tmp_path: Path):
    number = await a_reviewed_talk(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, f"/recordings/{number}?at=78.5")
        await expect(page.locator(".now")).to_have_text("01:18")
        await page.locator("[name=skip]").check()
        await page.locator(".pb").click()
        await expect(page.locator(".now")).to_contain_text("01:5", timeout=3_000)  # half a minute further at once


async def test_an_open_page_seeks_in_a_long_recording_after_its_link_is_over(
    browser: Browser, site: DeskSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Noise is as long as it can be: the browser holds only a part of it, and must ask for the rest."""
    number = await a_reviewed_talk(site, tmp_path)
    path, seconds = tmp_path / "recordings" / "20260716/long-1.flac", 3000
    noise = np.random.default_rng(7).integers(-20_000, 20_000, (8_000 * 50, 2), dtype=np.int16)
    with soundfile.SoundFile(path, "w", 8_000, 2, "PCM_16", format="FLAC") as sound:
        for _ in range(seconds // 50):
            sound.write(noise)
    peaks_path(path).write_text(f'{{"seconds": {seconds}, "customer": [0.5], "agent": [0.5]}}')
    async with site.db.begin() as session:
        changed = {"file": "20260716/long-1.flac", "seconds": float(seconds)}
        await session.execute(update(Recording).where(Recording.id == number).values(**changed))
    monkeypatch.setattr(recording.library, "LINK_SECONDS", 3)
    async with a_tab(browser) as page:
        asked: list[tuple[str, int]] = []

        def heard(one: Response) -> None:
            if "/recordings/audio/" in one.url:
                asked.append((one.url, one.status))

        page.on("response", heard)
        await page.clock.install()
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        async with page.expect_response("**/recordings/audio/**") as first:
            await page.locator(".pb").click()
        link = (await first.value).url
        await expect(page.locator("#player.playing")).to_be_visible()
        monkeypatch.setattr(recording.library, "LINK_SECONDS", 60)
        await page.clock.fast_forward(45_000)
        await page.wait_for_timeout(3_500)  # the link's own seconds are over
        async with a_tab(browser) as other:  # the link alone opens nothing any more, though the person is the same
            await enter(other, site, REVIEWER, "/recordings")
            assert (await other.request.get(link)).status == 403
        before = len(asked)
        await page.locator(".wave").click(position={"x": 1100, "y": 80})
        await expect(page.locator("#player.playing")).to_be_visible()
        await expect(page.locator(".trouble")).to_be_empty()
        place = str(await page.locator("#player").get_attribute("data-place"))
        await expect(page.locator("#player")).not_to_have_attribute("data-place", place)  # it goes on
        assert [status for _, status in asked[before:]] == [206] * (len(asked) - before)
        assert len(asked) > before
        assert {url for url, _ in asked} == {link}
    assert (await actions(site)).count("recording.listen") == 1


async def test_a_download_asks_for_its_reason(browser: Browser, site: DeskSite, tmp_path: Path):
    number = await a_reviewed_talk(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        await page.get_by_role("button", name="下载需填原因").click()
        await page.fill("#why-download", ". .")
        await page.locator("#download .btn.pri").click()
        await expect(page.locator("#download .field-error")).to_have_text("请简单写明用途。")
        await page.fill("#why-download", "客户投诉 TS-0708-0131 复核")
        await shot(page, "download-zh")
        async with page.expect_download() as waited:
            await page.locator("#download .btn.pri").click()
        took = await waited.value
        await took.save_as(tmp_path / took.suggested_filename)
        assert took.suggested_filename.startswith("R-")
        assert soundfile.info(tmp_path / took.suggested_filename).duration == 150
    assert (await actions(site))[-1] == "recording_downloaded"


async def test_it_is_shared_with_a_colleague_who_finds_it_and_taken_back(browser: Browser, site: DeskSite, tmp_path):
    number = await a_reviewed_talk(site, tmp_path, language="en")
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        await page.get_by_role("button", name="Share it", exact=True).click()
        await page.locator("#share [name=person]").select_option(people.ENGLISH_AGENT)
        await page.locator("#share label", has_text="3 days").click()
        await page.fill("#why-share", "Listen to how the promise was made")
        await page.locator("#share form .btn.pri").first.click()
        await expect(page.locator("#share .list-of li")).to_contain_text("Wang Fang")
        await shot(page, "share-en")
        async with a_tab(browser) as other:
            await enter(other, site, people.ENGLISH_AGENT, "/recordings?shared=1")
            await other.locator("#list a").first.click()
            await expect(other.locator(".wave .bars").first).to_be_attached()
            await page.get_by_role("button", name="Revoke").click()
            await expect(page.locator("#share .list-of li.over")).to_contain_text("revoked")
            assert (await other.reload()).status == 404


async def test_evidence_is_made_taken_and_checked_by_the_command_which_finds_tampering(
    browser: Browser, site: DeskSite, tmp_path: Path
):
    number = await a_reviewed_talk(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        await page.get_by_role("button", name="生成证据包").first.click()
        await page.fill("#why-evidence", "法院 (2026) 吉 01 民初 118 号")
        await page.locator("#evidence form .btn.pri").click()
        link = page.locator("#evidence .list-of a[download]")
        await expect(link).to_be_visible(timeout=20_000)
        await shot(page, "evidence-zh")
        async with page.expect_download() as waited:
            await link.click()
        package = tmp_path / "evidence.zip"
        await (await waited.value).save_as(package)
        with ZipFile(package) as archive:
            archive.extract("cover.html", tmp_path)
        await page.goto(f"file://{tmp_path}/cover.html")
        await expect(page.locator("h1").first).to_contain_text("证据包第 1 号")
        await expect(page.locator("section[lang=en]")).to_contain_text("Private pause")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/cover.png", full_page=True)
    whole = checked(package)
    assert whole.returncode == 0, whole.stderr
    assert "is whole" in whole.stdout
    with ZipFile(package) as old, ZipFile(tmp_path / "other.zip", "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text[::-1] if name.startswith("audio/") else text)
    tampered = checked(tmp_path / "other.zip")
    assert tampered.returncode == 1
    assert "CHANGED AUDIO  audio/R-" in tampered.stdout
    assert [one for one in await actions(site) if one.startswith("evidence")] == [
        "evidence_asked",
        "evidence_made",
        "evidence_taken",
    ]


def checked(package: Path) -> subprocess.CompletedProcess[str]:
    """As on a machine that has the program and nothing of the site."""
    words = [sys.executable, "-m", "hotline", "recordings", "check", str(package)]
    where = {"PATH": os.environ["PATH"], "HOTLINE_DATABASE_URL": "sqlite+aiosqlite:////nowhere/at/all.db"}
    where["PYTHONPATH"] = str(Path(__file__).parents[2])
    return subprocess.run(words, cwd=package.parent, env=where, capture_output=True, text=True, check=False)


async def test_a_recording_that_is_cut_or_missing_says_why(browser: Browser, site: DeskSite, tmp_path: Path):
    number = await a_reviewed_talk(site, tmp_path, language="en", theme="dark")
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, f"/recordings/{number}")
        await page.locator(".wave").click(position={"x": 400, "y": 80})
        await shot(page, "player-en-dark")
        for status, told in (("cut", "The end is missing"), ("missing", "No sound was recorded")):
            async with site.db.begin() as session:
                await session.execute(update(Recording).where(Recording.id == number).values(status=status))
            await page.reload()
            await expect(page.locator(".pl .closed")).to_contain_text(told)
        await shot(page, "missing-en-dark")


async def test_the_list_is_walked_by_keyboard_in_both_languages(browser: Browser, site: DeskSite, tmp_path: Path):
    number = await a_reviewed_talk(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, "/recordings")
        await expect(page.locator("#list tbody tr")).to_have_count(2)
        await shot(page, "list-zh")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/recordings/{number}")
        async with site.db.begin() as session:
            await session.execute(update(User).where(User.number == REVIEWER).values(language="en"))
        await page.goto(f"{site.address}/recordings?status=missing")
        await expect(page.locator(".empty")).to_contain_text("No recording fits these filters.")
        await shot(page, "list-empty-en")
