"""A supervisor hears the menu on the browser's phone, from the page that walks it; no contact comes of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD
from tests.integration.site import wait_until
from tests.platform.desk_browser import desk_browser, heard, voice
from tests.platform.people import SUPERVISOR
from tests.platform.site import CallCentre

pytestmark = pytest.mark.browser
SPEAKING_MS = 60_000  # of the notices, the first time on a machine


def picture(page: Page, name: str) -> None:
    """For the documents, where HOTLINE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("HOTLINE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"trial-{name}.png")


def hears_more(page: Page) -> None:
    before = heard(page)["energy"]
    wait_until(lambda: heard(page)["energy"] > before + 0.001, 10, "sound in the browser")


def test_a_supervisor_hears_the_menu_presses_keys_and_hears_where_the_call_would_go(
    call_centre: CallCentre, tmp_path: Path
) -> None:
    before = call_centre.rows("select count(*) as n from contact")[0]["n"]
    with desk_browser(voice(tmp_path / "supervisor.wav", 1320)) as page:
        page.goto(f"{call_centre.address}/login?next=/flows/main/try")
        page.fill("#number", SUPERVISOR)
        page.fill("#password", PASSWORD)
        page.check("input[name=after][value=break]", force=True)
        page.click("form[action='/login'] button.pri")
        page.get_by_role("button", name="拨打试听").click()
        picture(page, "preparing")
        expect(page.locator(".call-it")).to_have_attribute("data-state", "listening", timeout=SPEAKING_MS)
        hears_more(page)
        picture(page, "listening")
        page.keyboard.press("4")  # a repair
        expect(page.locator(".call-it output")).to_have_text("试听结束。", timeout=30_000)
        expect(page.get_by_role("button", name="拨打试听")).to_be_focused()
        page.keyboard.press("Enter")  # once more: the phone is open already, and all is spoken
        page.wait_for_selector(".call-it[data-state=listening]")
        page.get_by_role("button", name="挂断").click()
        page.wait_for_selector(".call-it[data-state=idle]")
        wait_until(call_centre.telephones.asterisk.at_rest)
        page.evaluate("document.querySelector('form[action=\"/logout\"]').submit()")
        page.wait_for_url("**/login*")
    log = call_centre.platform_log()
    assert "menu_tried" in log
    assert "node=repair" in log
    assert call_centre.rows("select count(*) as n from contact")[0]["n"] == before
    tried = call_centre.rows("select actor, subject from audit_entry where action = 'flow_called'")
    assert [(row["actor"], row["subject"]) for row in tried] == [(SUPERVISOR, "flow/main")] * 2
