"""After a kill and after a cut link the day still agrees with Asterisk's own log, and says what was estimated."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.ledger_outside import UNWRITTEN
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.cut_link import ProxyInThread
from tests.platform.site import REPAIR, CallCentre, new_number

OF_SOUNDS = {"not_recorded", "recording_lost", "recording_cut", "sound_unknown"}  # the tests' telephones say nothing
AWAY_SECONDS = 10.0


def checked(call_centre: CallCentre) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The sums and findings of today, as the command tells them half a minute after the last call."""
    call_centre.telephones.hang_up_everything()
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    call_centre.later = UNWRITTEN + 1.0  # the command's clock: younger calls are looked at next time
    told = call_centre.command("ledger", "check", "--day", day.isoformat(), "--json")
    assert told.stdout, told.stderr
    found = json.loads(told.stdout)
    return found["sums"], [one for one in found["findings"] if one["kind"] not in OF_SOUNDS]


def gaps(call_centre: CallCentre) -> list[tuple[str, float]]:
    """The reasons of the gaps that are over, with their seconds."""
    rows = call_centre.rows("SELECT * FROM stream_gap WHERE ended_at IS NOT NULL ORDER BY id")
    moments = [[datetime.fromisoformat(row[name]) for name in ("began_at", "ended_at")] for row in rows]
    return [(row["reason"], (ended - began).total_seconds()) for row, (began, ended) in zip(rows, moments, strict=True)]


@pytest.mark.timeout(400)
def test_a_call_that_ended_while_the_platform_was_dead_is_in_a_ledger_that_agrees(own_call_centre: CallCentre) -> None:
    call_centre = own_call_centre
    call_centre.up()
    talking, gone = new_number(), new_number()
    call_centre.telephones.phone("1001", scenarios.phone_answers())
    with call_centre.agent("1001") as agent:
        customer = call_centre.call(talking, scenarios.caller(talking, keys=REPAIR, hang_up_after=4.0))
        call_centre.until_talking(talking)
        platform = call_centre.pid("platform")
        os.kill(platform, signal.SIGKILL)
        passer_by = call_centre.call(gone, scenarios.caller(gone, hang_up_after=0.2))
        assert (customer.wait(), passer_by.wait()) == (0, 0)
        wait_until(lambda: call_centre.pid("platform") != platform, 10, "a new platform process")
        talked, passed = call_centre.contact(talking, seconds=30), call_centre.contact(gone, seconds=30)
        wait_until(call_centre.pages_answer, 30, "the pages are back")
        assert agent.state() != "talking"
    assert talked["outcome"] == "answered"
    assert passed["outcome"] in ("menu_only", "short_ring", "ended_while_away")
    assert [reason for reason, _ in gaps(call_centre)] == ["platform_down"]
    sums, findings = checked(call_centre)
    assert findings == []
    assert (sums["offered"], sums["groups"]["answered"]) == (2, 1)
    assert sums["offered"] == sum(sums["groups"].values())


@pytest.mark.timeout(400)
def test_calls_that_ended_in_ten_seconds_of_a_silent_link_are_estimated_and_agree_with_asterisks_log(
    proxied: tuple[CallCentre, ProxyInThread],
) -> None:
    call_centre, proxy = proxied
    talking, waiting = new_number(), new_number()
    call_centre.telephones.phone("1001", scenarios.phone_answers())
    with call_centre.agent("1001"):
        call_centre.call(talking, scenarios.caller(talking, keys=REPAIR, hang_up_after=6.0))
        call_centre.until_talking(talking)
        call_centre.call(waiting, scenarios.caller(waiting, keys=REPAIR, hang_up_after=6.0))
        call_centre.until_waiting(waiting)
        proxy.do(lambda cutter: cutter.silent.set())
        time.sleep(AWAY_SECONDS)  # the time without a link is what is tried
        proxy.do(lambda cutter: cutter.silent.clear())
        talked, waited = call_centre.contact(talking, seconds=30), call_centre.contact(waiting, seconds=30)
    assert (talked["outcome"], waited["outcome"]) == ("answered", "abandoned")
    assert (talked["estimated"], waited["estimated"]) == (1, 1)
    wait_until(lambda: bool(gaps(call_centre)), 15, "the end of the gap, told a moment after the calls")
    [(reason, seconds)] = gaps(call_centre)
    assert reason == "link_lost"
    assert AWAY_SECONDS - 1 <= seconds <= AWAY_SECONDS + 8
    sums, findings = checked(call_centre)
    assert findings == []
    assert sums["groups"] == {"answered": 1, "abandoned": 1} or sums["groups"] == {"answered": 1, "short_abandon": 1}
