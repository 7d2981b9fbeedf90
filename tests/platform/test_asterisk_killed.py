"""Asterisk itself is killed under calls: they are closed as interrupted, phones come back, the next call is served."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.browser import people
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.desk_browser import desk_browser, sign_out, voice
from tests.platform.site import REPAIR, CallCentre, new_number

CLOSED, REGISTERED, SERVED = 5.0, 10.0, 15.0  # seconds after the kill, of goal R5


def open_contacts(call_centre: CallCentre) -> int:
    return int(call_centre.rows("SELECT count(*) AS n FROM contact WHERE ended_at IS NULL")[0]["n"])


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("calls", [20, pytest.param(100, marks=pytest.mark.full)])
def test_a_killed_asterisk_leaves_no_open_contact_no_ghost_agent_and_no_silent_phone(
    own_call_centre: CallCentre, tmp_path: Path, record_property: Any, calls: int
) -> None:
    call_centre = own_call_centre
    call_centre.up()
    platform, number = call_centre.pid("platform"), new_number()
    for agent in ("1001", "1002"):
        call_centre.telephones.phone(agent, scenarios.phone_answers(), calls=3)
    with (
        desk_browser(voice(tmp_path / "agent.wav", 880)) as page,
        call_centre.agent("1001") as first,
        call_centre.agent("1002") as second,
    ):
        customers = call_centre.call(number, scenarios.caller(number, keys=REPAIR), calls=calls, rate=5)
        wait_until(lambda: first.state() == second.state() == "talking", 20, "two talks")
        wait_until(lambda: waiting(call_centre) == calls - 2, 90, "all others wait")
        sign_in_on_a_break(page, call_centre)
        killed = time.time()
        os.kill(call_centre.pid("asterisk"), signal.SIGKILL)
        wait_until(lambda: open_contacts(call_centre) == 0, 3 * CLOSED, "all contacts closed")
        figures = {"closed": time.time() - killed}
        customers.stop()
        page.wait_for_selector("body[data-phone=ok]")
        figures["registered"] = time.time() - killed
        late = new_number()
        call_centre.call(late, scenarios.caller(late, keys=REPAIR))
        call_centre.until_talking(late, 30)
        figures["served"] = time.time() - killed
        record_property("seconds", {name: round(seconds, 2) for name, seconds in figures.items()})
        print(figures)
        assert figures["closed"] <= CLOSED
        assert figures["registered"] <= REGISTERED
        assert figures["served"] <= SERVED
        assert {first.state(), second.state()} == {"talking", "ready"}
        sign_out(page)
    assert {row["outcome"] for row in call_centre.contacts(number)} == {"lost"}
    assert len(call_centre.contacts(number)) == calls
    assert call_centre.pid("platform") == platform
    assert "Asterisk has ended; starting it again." in call_centre.said()


def waiting(call_centre: CallCentre) -> int:
    return int(call_centre.rows("SELECT count(*) AS n FROM queue_visit WHERE left_at IS NULL")[0]["n"])


def sign_in_on_a_break(page: Any, call_centre: CallCentre) -> None:
    page.goto(f"{call_centre.address}/login")
    page.fill("#number", people.AGENT)
    page.fill("#password", people.PASSWORD)
    page.check("input[name=after][value=break]", force=True)
    page.click("form[action='/login'] button.pri")
    page.wait_for_selector("body.live[data-phone=ok]")
