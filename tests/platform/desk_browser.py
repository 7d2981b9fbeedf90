"""Headless Chromium at the real desk, with a tone in place of the agent's voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Page, sync_playwright

from tests.browser.desk_site import CHROMIUM, FLAGS
from tests.browser.people import PASSWORD
from tests.platform.people import SUPERVISOR

# Every connection that the page opens is kept where a test can ask it how much it heard, or cut it.
_KEEP_CONNECTIONS = """
const Plain = window.RTCPeerConnection;
window.connections = [];
window.RTCPeerConnection = function (...given) {
  const connection = new Plain(...given);
  window.connections.push(connection);
  return connection;
};
window.RTCPeerConnection.prototype = Plain.prototype;
const PlainSocket = window.WebSocket;
window.sockets = [];
window.WebSocket = class extends PlainSocket {
  constructor(...given) {
    super(...given);
    window.sockets.push(this);
  }
};
"""
_HEARD = """async () => {
  const rows = [...await window.connections.at(-1).getStats()].map(([, row]) => row);
  const heard = rows.find((row) => row.type === "inbound-rtp");
  return { energy: heard?.totalAudioEnergy ?? 0, packets: heard?.packetsReceived ?? 0, lost: heard?.packetsLost ?? 0 };
}"""


def voice(path: Path, hertz: int) -> Path:
    """A minute of one tone, as Chromium wants a microphone."""
    samples = 0.5 * np.sin(2 * np.pi * hertz * np.arange(48_000 * 60) / 48_000)
    soundfile.write(path, samples, 48_000, subtype="PCM_16")
    return path


@contextmanager
def desk_browser(
    microphone: Path, *, width: int = 1440, height: int = 900, more_flags: Sequence[str] = ()
) -> Iterator[Page]:
    """An empty page of a browser whose microphone is the file."""
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={microphone}", *more_flags]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height}, permissions=["microphone"], locale="zh-CN"
            )
            context.add_init_script(_KEEP_CONNECTIONS)
            yield context.new_page()
        finally:
            browser.close()


def another_desk(page: Page) -> Page:
    """An empty page of somebody else, with cookies of their own, in the same browser."""
    assert page.context.browser
    context = page.context.browser.new_context(viewport=page.viewport_size, permissions=["microphone"], locale="zh-CN")
    context.add_init_script(_KEEP_CONNECTIONS)
    return context.new_page()


def sign_in(page: Page, address: str, number: str) -> None:
    """By the sign-in page, ready at once; returns when the phone is registered."""
    page.goto(f"{address}/login")
    page.fill("#number", number)
    page.fill("#password", PASSWORD)
    page.check("input[name=after][value=ready]", force=True)
    page.click("form[action='/login'] button.pri")
    page.wait_for_selector("body.live[data-phone=ok]")


@contextmanager
def at_the_floor(address: str, microphone: Path) -> Iterator[Page]:
    """The supervisor's floor page, its phone registered; signed out at the end."""
    with desk_browser(microphone) as page:
        page.goto(f"{address}/login?next=/floor")
        page.fill("#number", SUPERVISOR)
        page.fill("#password", PASSWORD)
        page.check("input[name=after][value=break]", force=True)
        page.click("form[action='/login'] button.pri")
        page.wait_for_selector("body.floor.live[data-phone=ok]")
        yield page
        sign_out(page)


def sign_out(page: Page) -> None:
    page.evaluate("document.querySelector('form[action=\"/logout\"]').submit()")
    page.wait_for_url("**/login*")


def heard(page: Page) -> dict[str, float]:
    """`energy` and `packets` that came in by the latest connection, and `lost` ones."""
    told: dict[str, float] = page.evaluate(_HEARD)
    return told


def painted_and_tone(page: Page) -> tuple[float, float, float]:
    """When the last INVITE came, the card was painted, and the tone began; milliseconds of the page."""
    marks = page.evaluate(
        "['invite', 'painted', 'tone'].map((n) => performance.getEntriesByName('hotline:' + n).at(-1)?.startTime)"
    )
    invite, painted, tone = marks
    return invite, painted, tone
