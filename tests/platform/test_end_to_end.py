"""A customer with a telephone and an agent with a browser: one call, from the dialled number to the wallboard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.integration.test_recording_of_a_call import loudness, tone
from tests.platform.desk_browser import desk_browser, heard, painted_and_tone, sign_in, sign_out, voice
from tests.platform.site import CallCentre
from tests.platform.test_waiting import board_at_rest, line

pytestmark = pytest.mark.browser
CHEN = people.CHEN_NUMBER.removeprefix("+86")
CUSTOMER_HERTZ, AGENT_HERTZ = 440, 880


def ring(call_centre: CallCentre, page: Page) -> Any:
    """Chen calls, chooses repair, and the desk rings."""
    audio = tone(call_centre.folder / "customer.ul", CUSTOMER_HERTZ)
    customer = call_centre.call(CHEN, scenarios.caller(CHEN, keys=((2.0, "4"),), audio=audio))
    page.wait_for_selector("body[data-call=ringing]")
    # Not wait_for_function: its second look is an eval in the page, which the page's own policy forbids.
    tone_began = "performance.getEntriesByName('hotline:tone').length > 0"
    wait_until(lambda: bool(page.evaluate(tone_began)), what="the tone")
    return customer


def picture(page: Page, name: str) -> None:
    """For the documents, where HOTLINE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("HOTLINE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"agent-desktop-{name}.png")


def hears_the_customer(page: Page) -> None:
    before = heard(page)
    page.wait_for_timeout(1000)
    after = heard(page)
    assert after["energy"] - before["energy"] > 0.001
    assert 30 <= after["packets"] - before["packets"] <= 80
    assert after["lost"] == 0


def write_record(page: Page) -> None:
    page.check("input[name=kind][value=repair]", force=True)
    page.fill("textarea[name=note]", "空调异响，已约明天进店。")
    page.select_option("select[name=disposition]", "answered")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_be_visible()


def recording_of(call_centre: CallCentre, contact: str) -> Path:
    def kept() -> list[dict[str, Any]]:
        return call_centre.rows("SELECT * FROM recording WHERE contact_id = ? AND status = 'ready'", contact)

    wait_until(lambda: bool(kept()), 20, "the kept recording")
    [row] = kept()
    path: Path = call_centre.run_dir / "recordings" / row["file"]
    return path


def each_on_their_side(path: Path) -> None:
    samples, rate = soundfile.read(path)
    assert rate == 8000
    assert len(samples) > rate, "the talk lasted longer than a second"
    middle, half = len(samples) // 2, min(6000, len(samples) // 4)  # longer, and the clocks of two ends blur a tone
    left, right = samples[middle - half : middle + half].T
    assert (loudness(left, CUSTOMER_HERTZ), loudness(right, AGENT_HERTZ)) == (0.0, 0.0)
    assert loudness(left, AGENT_HERTZ) < -30
    assert loudness(right, CUSTOMER_HERTZ) < -30
    assert np.abs(left).max() > 0.05


def test_a_customers_call_from_the_dialled_number_to_the_wallboard(call_centre: CallCentre, tmp_path: Path) -> None:
    with desk_browser(voice(tmp_path / "agent.wav", AGENT_HERTZ)) as page:
        sign_in(page, call_centre.address, people.AGENT)
        with call_centre.agent("1004", ready=False) as watcher:
            before = board_at_rest(call_centre, watcher)
            customer = ring(call_centre, page)
            contact = call_centre.contact(CHEN, ended=False)
            assert contact["agent"] == ""
            invite, painted, began = painted_and_tone(page)
            assert invite <= painted <= began
            for shown in ("陈建国", "吉A·D30618", "空调压缩机异响"):
                expect(page.locator("body")).to_contain_text(shown)
            picture(page, "ringing")
            page.keyboard.press("F2")
            page.wait_for_selector("body[data-call=talking]")
            hears_the_customer(page)
            picture(page, "talking")
            write_record(page)
            page.keyboard.press("Shift+F2")
            page.keyboard.press("Shift+F2")
            assert customer.wait(10) == 0, customer.complaints()
            row = call_centre.contact(CHEN)
            after = board_at_rest(call_centre, watcher)
        sign_out(page)
    the_contact_is_exact(call_centre, row)
    assert line(after, "repair")["offered"] - line(before, "repair")["offered"] == 1
    assert line(after, "repair")["answered"] - line(before, "repair")["answered"] == 1
    assert (after["offered"] - before["offered"], after["abandoned"] - before["abandoned"]) == (1, 0)
    each_on_their_side(recording_of(call_centre, row["id"]))


def the_contact_is_exact(call_centre: CallCentre, row: dict[str, Any]) -> None:
    assert (row["direction"], row["entry"], row["customer_id"]) == ("inbound", "4001718888", people.CHEN)
    assert (row["menu_path"], row["topic"], row["queue"]) == ("main>repair", "repair", "repair")
    assert (row["agent"], row["outcome"], row["ended_by"]) == (people.AGENT, "answered", "agent")
    assert (row["kind"], row["disposition"], row["note"]) == ("repair", "answered", "空调异响，已约明天进店。")
    assert row["recorded_at"]
    assert not row["estimated"]
    [leg] = call_centre.legs(row["id"])
    assert (leg["agent"], leg["result"], leg["queue"]) == (people.AGENT, "answered", "repair")
    [visit] = call_centre.visits(row["id"])
    assert (visit["queue"], visit["result"]) == ("repair", "answered")
