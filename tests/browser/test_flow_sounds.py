"""Hearing and recording a prompt in the flow editor, in a real browser with a microphone that beeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.async_api import Browser, Dialog, Locator, Page, expect

from ivr.flow_file import shipped_flow
from ivr.saying import file_of
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
FILE = file_of(shipped_flow().texts["zh-CN"]["self-menu"])
SECONDS_HEARD = "async (player) => { await player.play(); return player.duration; }"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


@pytest.fixture
async def tab(browser: Browser, site: DeskSite) -> AsyncIterator[Page]:
    async with a_tab(browser) as page:
        await enter(page, site, path="/flows/main?node=self")
        yield page


def menu(tab: Page) -> Locator:
    return tab.locator("[data-sound='zh-CN/self-menu']")


async def test_a_file_is_brought_heard_and_taken_back(tab: Page, tmp_path: Path):
    spoken = tmp_path / f"prompts/zh-CN/{FILE}.wav"
    spoken.parent.mkdir(parents=True)
    soundfile.write(spoken, 0.1 * np.sin(np.arange(8_000) / 3), 8_000)
    await tab.reload()
    await expect(menu(tab).locator(".tag")).to_have_text("合成语音")
    assert await menu(tab).locator("audio").first.evaluate(SECONDS_HEARD) == pytest.approx(1, abs=0.1)
    soundfile.write(tmp_path / "own.flac", 0.02 * np.sin(np.arange(88_200) / 9), 44_100)
    await menu(tab).locator("summary").click()
    await menu(tab).locator("input[type=file]").set_input_files(tmp_path / "own.flac")
    await menu(tab).get_by_role("button", name="采用此录音").click()
    await expect(menu(tab).locator(".tag")).to_have_text("自有录音")
    await expect(menu(tab).locator(".tag")).to_be_in_viewport()
    assert await menu(tab).locator("audio").first.evaluate(SECONDS_HEARD) == pytest.approx(2, abs=0.1)
    await menu(tab).locator("summary").click()
    await menu(tab).get_by_role("button", name="恢复合成语音").click()
    await expect(menu(tab).locator(".tag")).to_have_text("合成语音")
    assert await menu(tab).locator("audio").first.evaluate(SECONDS_HEARD) == pytest.approx(1, abs=0.1)


async def test_a_file_that_is_no_sound_is_refused_beside_its_prompt(tab: Page, tmp_path: Path):
    (tmp_path / "letter.wav").write_text("Dear customer")
    await menu(tab).locator("summary").click()
    await menu(tab).locator("input[type=file]").set_input_files(tmp_path / "letter.wav")
    await menu(tab).get_by_role("button", name="采用此录音").click()
    await expect(menu(tab).locator(".form-error")).to_contain_text("不是可读的声音")
    await expect(menu(tab).locator(".form-error")).to_be_in_viewport()
    await expect(menu(tab).locator("input[type=file]")).to_be_focused()
    await expect(menu(tab).locator(".tag")).to_have_text("尚未合成")


async def test_a_prompt_is_recorded_with_the_microphone_by_keyboard(tab: Page, tmp_path: Path):
    await menu(tab).locator("summary").focus()
    await tab.keyboard.press("Enter")
    await menu(tab).get_by_role("button", name="现在录音").focus()
    await tab.keyboard.press("Enter")
    await expect(menu(tab).locator("output")).to_contain_text("正在录音")
    await tab.wait_for_timeout(1_500)  # the microphone beeps once a second
    await tab.keyboard.press("Enter")
    await expect(menu(tab).locator("output")).to_contain_text("试听")
    await menu(tab).get_by_role("button", name="采用此录音").click()
    await expect(menu(tab).locator(".tag")).to_have_text("自有录音")
    assert soundfile.info(tmp_path / f"prompts/zh-CN/{FILE}.wav").samplerate == 8_000


async def test_a_refused_microphone_is_told(tab: Page):
    refuse = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    await tab.evaluate(f"() => {{ {refuse}; }}")
    await menu(tab).locator("summary").click()
    await menu(tab).get_by_role("button", name="现在录音").click()
    await expect(menu(tab).locator("output")).to_contain_text("麦克风未获允许")


async def test_what_is_typed_in_the_node_is_still_there_when_a_recording_was_sent(tab: Page, tmp_path: Path):
    await tab.fill("[name='title.zh-CN']", "自助查询")
    await tab.fill("[name='text.zh-CN.self-menu']", "还没有保存的文字")
    await menu(tab).locator("summary").click()
    await expect(menu(tab).locator("[data-stale]")).to_be_visible()  # the recording is of the text that is kept
    soundfile.write(tmp_path / "own.wav", 0.02 * np.sin(np.arange(16_000) / 9), 8_000)
    await menu(tab).locator("input[type=file]").set_input_files(tmp_path / "own.wav")
    await menu(tab).get_by_role("button", name="采用此录音").click()
    await expect(menu(tab).locator(".tag")).to_have_text("自有录音")
    await expect(tab.locator("[name='title.zh-CN']")).to_have_value("自助查询")
    await expect(tab.locator("[name='text.zh-CN.self-menu']")).to_have_value("还没有保存的文字")


async def test_leaving_with_something_unsaved_asks_and_staying_keeps_it(tab: Page):
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    tab.on("dialog", stay)
    await tab.fill("[name='title.zh-CN']", "自助查询")
    await tab.locator("a.box[data-node=own]").click(no_wait_after=True)
    await expect(tab.locator("[name='title.zh-CN']")).to_have_value("自助查询")
    assert asked == ["beforeunload"]
    await tab.click(".node-form .pri")  # saving asks nothing
    await expect(tab.locator(".inspector h2")).to_contain_text("自助查询")
    await tab.locator("a.box[data-node=own]").click()
    await tab.wait_for_url("**node=own*")
    assert asked == ["beforeunload"]
