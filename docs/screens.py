"""`make screens`: takes every picture of the documentation from the running product, in both languages.

It starts a demo site of its own in a folder that goes away afterwards, with ports of its own, and ends it. Which
pictures there are stands in screens.yaml.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import yaml
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

DOCS = Path(__file__).resolve().parent
PASSWORD = "yuanchen-demo"  # noqa: S105 - of the demo site, told by its first lines
LANGUAGES = {"zh": "zh-CN", "en": "en"}
FLAGS = ("--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
READY_SECONDS = 600
SERVED_LAST = """
SELECT contact.caller FROM contact JOIN leg ON leg.contact_id = contact.id
WHERE leg.agent = ? AND leg.answered_at IS NOT NULL AND contact.direction = 'inbound'
AND contact.customer_id IS NOT NULL
ORDER BY contact.started_at DESC LIMIT 1
"""
QUALITY = 82  # of WebP: text stays sharp, and a page weighs a tenth of its PNG


def main(wanted: tuple[str, ...]) -> None:
    shots = [
        shot for shot in yaml.safe_load((DOCS / "screens.yaml").read_text()) if not wanted or shot["name"] in wanted
    ]
    with (
        tempfile.TemporaryDirectory(prefix="hl-screens-") as folder,
        site(Path(folder)) as environment,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for short, language in LANGUAGES.items():
            take_all(browser, environment, shots, short, language)
        browser.close()


@contextmanager
def site(folder: Path) -> Iterator[dict[str, str]]:
    """A demo site that is up; gives the environment in which its commands find it."""
    ports = free_ports(6)
    names = ("WEB_PORT", "SIP_PORT", "ASTERISK_HTTP_PORT", "AMI_PORT", "AGI_PORT")
    environment = os.environ | {f"HOTLINE_{name}": str(port) for name, port in zip(names, ports, strict=False)}
    environment |= {"HOTLINE_RUN_DIR": str(folder), "HOTLINE_TRUNK_CONTACT": f"sip:127.0.0.2:{ports[5]}"}
    command = [sys.executable, "-m", "hotline", "run"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, cwd=DOCS.parent, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None  # noqa: S101 - PIPE was asked for
            for line in running.stdout:
                print(line.rstrip(), flush=True)
                if line.startswith("ready:"):
                    break
            else:
                raise SystemExit("The demo site did not start.")
            yield environment | {"ADDRESS": f"http://127.0.0.1:{ports[0]}"}
        finally:
            running.send_signal(signal.SIGINT)


def free_ports(count: int) -> list[int]:
    """Held together until all are found, so that none is given twice."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def take_all(
    browser: Browser, environment: dict[str, str], shots: list[dict[str, Any]], short: str, language: str
) -> None:
    """Every person signs in once in each language: a sign-in costs a hash."""
    contexts: dict[str, BrowserContext] = {}
    for shot in shots:
        who = shot["who"]
        if who not in contexts:
            contexts[who] = browser.new_context(locale=language, permissions=["microphone"], color_scheme="light")
            sign_in(contexts[who].new_page(), environment["ADDRESS"], who, language)
        page = contexts[who].pages[0]
        page.set_viewport_size({"width": shot.get("width", 1440), "height": shot.get("height", 900)})
        take(page, environment, shot)
        keep(page, DOCS / "images" / short / f"{shot['name']}.webp")
        print(short, shot["name"], flush=True)
    for context in contexts.values():
        context.close()


def sign_in(page: Page, address: str, who: str, language: str) -> None:
    page.goto(f"{address}/login")
    if not who:
        return
    page.fill("#number", who)
    page.fill("#password", PASSWORD)
    page.check("input[name=after][value=ready]", force=True)
    page.click("form[action='/login'] button.pri")
    page.wait_for_url(lambda url: "/login" not in url)
    if page.locator("html").get_attribute("lang") != language:
        other = page.locator("form[action='/language']:has(button[name=language])").first
        other.evaluate("(form) => form.requestSubmit(form.querySelector('button[name=language]'))")
        page.wait_for_function("(language) => document.documentElement.lang === language", arg=language)


def take(page: Page, environment: dict[str, str], shot: dict[str, Any]) -> None:
    """Bring the page to where the picture shows it."""
    address = environment["ADDRESS"]
    if path := shot.get("path"):
        page.goto(address + path)
    if follow := shot.get("follow"):
        page.goto(address + str(page.locator(follow).first.get_attribute("href")))
    if keys := shot.get("call"):
        page.wait_for_selector("body.live[data-phone=ok]")
        place_call(environment, shot["who"], keys)
    if key := shot.get("press"):
        page.keyboard.press(key)
    if seen := shot.get("wait"):
        page.wait_for_selector(seen, timeout=90_000)
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(700)  # charts and live regions paint after the page has loaded


def place_call(environment: dict[str, str], agent: str, keys: str) -> None:
    """By a customer whom this agent served last: the engine gives the call to the same agent."""
    with closing(sqlite3.connect(Path(environment["HOTLINE_RUN_DIR"]) / "hotline.db")) as database:
        (number,) = database.execute(SERVED_LAST, (agent,)).fetchone()
    command = [sys.executable, "-m", "hotline", "call", "--menu", keys, "--talk", "8", "--number", number]
    subprocess.Popen(command, env=environment, cwd=DOCS.parent, stdout=subprocess.DEVNULL)  # noqa: S603 - our own


def keep(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.save(path, "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
