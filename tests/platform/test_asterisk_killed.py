"""Asterisk itself is killed under calls: they are closed as interrupted, phones come back, the next call is served."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.browser import people
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.desk_browser import desk_browser, sign_out, voice
from tests.platform.full_house import full_house, open_contacts
from tests.platform.site import REPAIR, CallCentre, new_number
from tests.platform.two_asterisks import AGENTS

CLOSED, REGISTERED, SERVED = 5.0, 10.0, 15.0  # seconds after the kill, of goal R5


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("calls", [20, pytest.param(100, marks=pytest.mark.full)])
def test_a_killed_asterisk_leaves_no_open_contact_no_ghost_agent_and_no_silent_phone(
    cache: Path, tmp_path: Path, record_property: Any, calls: int
) -> None:
    agents = AGENTS[: calls // 10 + 1]
    with (
        closing(CallCentre(cache, agents)) as centre,
        desk_browser(voice(tmp_path / "agent.wav", 880)) as page,
    ):
        centre.up()
        platform = centre.pid("platform")
        with full_house(centre, calls, agents) as house:
            sign_in_on_a_break(page, centre)
            assert len(open_contacts(centre)) == calls
            figures = kill(centre, page)
            record_property("seconds", {name: round(seconds, 2) for name, seconds in figures.items()})
            print({name: round(seconds, 2) for name, seconds in figures.items()})
            assert figures["closed"] <= CLOSED
            assert figures["registered"] <= REGISTERED
            assert figures["served"] <= SERVED
            wait_until(lambda: house.states() == [*["ready"] * (len(agents) - 1), "talking"], 10, "no ghost agent")
            ended = house.contacts(centre)
            sign_out(page)
        assert len(ended) == calls
        assert {row["outcome"] for row in ended} == {"lost"}
        assert centre.pid("platform") == platform
        assert "Asterisk has ended; starting it again." in centre.said()


def kill(centre: CallCentre, page: Any) -> dict[str, float]:
    """kill -9; seconds until all contacts are closed, the browser's phone is back, the next caller talks."""
    killed = time.time()
    os.kill(centre.pid("asterisk"), signal.SIGKILL)
    wait_until(lambda: not open_contacts(centre), 3 * CLOSED, "all contacts closed")
    figures = {"closed": time.time() - killed}
    page.wait_for_selector("body[data-phone=ok]")
    figures["registered"] = time.time() - killed
    late = new_number()
    centre.call(late, scenarios.caller(late, keys=REPAIR))
    centre.until_talking(late, 30)
    figures["served"] = time.time() - killed
    return figures


def sign_in_on_a_break(page: Any, call_centre: CallCentre) -> None:
    page.goto(f"{call_centre.address}/login")
    page.fill("#number", people.AGENT)
    page.fill("#password", people.PASSWORD)
    page.check("input[name=after][value=break]", force=True)
    page.click("form[action='/login'] button.pri")
    page.wait_for_selector("body.live[data-phone=ok]")
