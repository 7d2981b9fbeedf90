"""Lines to a telephone company, which is a second real Asterisk: login, calls both ways, what its faults look like."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from crm_core.history import events as feed
from crm_core.lines.outgoing import OutgoingRules
from cti.line_tests import Step
from cti.trunk_watch import TrunkState
from tests.integration import scenarios
from tests.integration.carrier import SECRET, Carrier
from tests.integration.carrier_lines import MOBILE, NUMBERS, Records, connected, mobile, registered, until
from tests.integration.site import SiteUnderTest


async def test_a_trunk_logs_in_and_calls_arrive_in_every_form_of_a_number(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    async with connected(telephone_site, tmp_path, Records(telephone_site, carrier)) as running:
        await registered(running)
        await until(running, lambda: mobile(running).round_trip > 0)
        assert carrier.knows_us()
        asked = {"4001718888": NUMBERS[0], "+864001718888": NUMBERS[0], "88883318": NUMBERS[1], "10086": "10086"}
        for number in asked:
            await asyncio.to_thread(carrier.call, number)
        await running.until(lambda: len(running.of(feed.ContactStarted)) == len(asked))
        assert sorted(one.entry for one in running.of(feed.ContactStarted)) == sorted(asked.values())
        await running.until(lambda: len(running.of(feed.CallQueued)) == 3)
        assert mobile(running).calls >= 3


async def test_a_call_out_shows_the_brands_number_and_takes_the_next_trunk_when_the_first_fails(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.second = True
    records.rules = OutgoingRules(default_shown="043188883318", home_area="0431", mobile_zero=True)
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        telephone_site.phone("1001", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=False)
        before = len(carrier.heard())
        call = await running.bridge.desk.dial("1001", MOBILE)
        await running.until(lambda: any(one.call == call for one in running.of(feed.ContactAnswered)))
        tried = ["8613900000001 from 043188883318 pai ", "013900000001 from 043188883318 pai "]
        assert carrier.heard()[before:] == tried
        failing = next(view for view in running.bridge.lines.trunks() if view.way.id == "failing")
        assert (failing.fault, failing.calls) == (503, 0)
        await running.bridge.desk.hang_up("1001")


async def test_a_wrong_secret_is_told_as_refused_and_put_right_without_a_restart(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.secret = "not-what-was-agreed"
    async with connected(telephone_site, tmp_path, records) as running:
        await until(running, lambda: mobile(running).state is TrunkState.REJECTED)
        assert mobile(running).fault == 403
        assert not running.bridge.lines.watch.usable(mobile(running).way)
        records.secret = SECRET
        await running.bridge.desk.lines_changed()
        await registered(running)


async def test_a_carrier_that_goes_down_is_noticed_told_once_and_noticed_again_when_it_is_back(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    async with connected(telephone_site, tmp_path, Records(telephone_site, carrier)) as running:
        await registered(running)
        lines = running.bridge.lines
        carrier.stop()
        await until(running, lambda: mobile(running).state is TrunkState.UNREACHABLE)
        assert mobile(running).fault == 408
        await asyncio.to_thread(carrier.start)
        await registered(running)
        states = [(one.before, one.after) for one in _alarms(lines.alarms)]
        assert states[-2:] == [
            (TrunkState.REGISTERED, TrunkState.UNREACHABLE),
            (TrunkState.UNREACHABLE, TrunkState.REGISTERED),
        ]


@pytest.mark.parametrize(("ending", "sip", "steps"), [
    ("1", 0, [Step.SENT, Step.RINGING, Step.ANSWERED, Step.ENDED]),
    ("2", 486, [Step.SENT, Step.ENDED]),
    ("4", 404, [Step.SENT, Step.ENDED]),
    ("5", 503, [Step.SENT, Step.ENDED]),
])  # fmt: skip
async def test_a_test_call_tells_each_step_and_why_it_ended(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier, *, ending: str, sip: int, steps: list[Step]
) -> None:
    async with connected(telephone_site, tmp_path, Records(telephone_site, carrier)) as running:
        await registered(running)
        lines = running.bridge.lines
        await lines.test_call("9001", f"1390000000{ending}", "mobile")
        await until(running, lambda: (test := lines.tests.of("9001")) is not None and test.ended)
        test = lines.tests.of("9001")
        assert test is not None
        assert [step for step, _ in test.steps] == steps
        assert test.sip == sip
        assert not running.of(feed.ContactStarted)


def _alarms(queue: asyncio.Queue[Any]) -> list[Any]:
    found = []
    while not queue.empty():
        found.append(queue.get_nowait())
    return found
