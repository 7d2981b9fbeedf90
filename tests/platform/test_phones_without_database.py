"""PostgreSQL is away for longer than a registration lasts: phones in browsers stay, and calls reach them to the end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import people
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.desk_browser import another_desk, desk_browser, sign_in, voice
from tests.platform.people import SUPERVISOR
from tests.platform.postgres_site import PostgresCallCentre
from tests.platform.site import REPAIR, new_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
REGISTRATION = 60.0  # seconds that one lasts


def is_registered(centre: PostgresCallCentre) -> bool:
    listed = centre.telephones.asterisk.rx("pjsip show contacts")
    return any(f"{people.AGENT}/" in line and "Avail" in line for line in listed.splitlines())


def seen(centre: PostgresCallCentre, desk: Page, floor: Page) -> dict[str, Any]:
    return {
        "registered": is_registered(centre),
        "desk": desk.evaluate("document.body.dataset.phone"),
        "floor": floor.locator(f"#r-{people.AGENT}").inner_text().replace("\n", " "),
    }


@pytest.mark.parametrize("how", ["is down", pytest.param("hangs", marks=pytest.mark.full)])
def test_a_phone_is_there_for_longer_than_its_registration(
    postgres_centre: PostgresCallCentre, tmp_path: Path, how: str
) -> None:
    centre = postgres_centre
    centre.up()
    with desk_browser(voice(tmp_path / "voice.wav", 440)) as desk:
        sign_in(desk, centre.address, people.AGENT)
        floor = another_desk(desk)
        floor.goto(f"{centre.address}/login?next=/floor")
        floor.fill("#number", SUPERVISOR)
        floor.fill("#password", people.PASSWORD)
        floor.click("form[action='/login'] button.pri")
        floor.wait_for_selector("body.live")
        away, back = (
            (centre.server.stop, centre.server.start)
            if how == "is down"
            else (centre.server.freeze, lambda: centre.server.freeze(on=False))
        )
        away()
        began = time.monotonic()
        try:
            lost: list[tuple[float, dict[str, Any]]] = []
            while (passed := time.monotonic() - began) < 1.4 * REGISTRATION:
                now = seen(centre, desk, floor)
                if not now["registered"] or now["desk"] != "ok" or "话机断开" in now["floor"]:
                    lost.append((round(passed, 1), now))
                desk.wait_for_timeout(1000)
            assert not lost
            number = new_number()
            caller = centre.call(number, scenarios.caller(number, keys=REPAIR))
            desk.wait_for_selector("body[data-tone]", timeout=20_000)
            assert caller.running, caller.complaints()
        finally:
            back()
        wait_until(lambda: len(centre.contacts(number)) == 1, 60, "the call is written once")
