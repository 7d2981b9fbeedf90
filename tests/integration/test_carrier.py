"""Lines to a telephone company, which is a second real Asterisk: login, calls both ways, what its faults look like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.lines import ServedNumber, TrunkLine
from crm_core.history import events as feed
from crm_core.lines.limits import DialLimits
from crm_core.lines.outgoing import OutgoingRules
from crm_core.lines.written import forms_by_number
from cti.line_plan import SETTINGS_WAY, LinePlan, TrunkWay
from cti.line_tests import Step
from cti.trunk_watch import TrunkState, TrunkView
from tests.integration import scenarios
from tests.integration.carrier import SECRET, USER, Carrier, running_carrier
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest

NUMBERS = ("4001718888", "043188883318")
MOBILE = "+8613900000001"


@pytest.fixture(scope="module")
def carrier(shared_telephone_site: SiteUnderTest) -> Iterator[Carrier]:
    """The lines of other tests are as they were when it ends: none of them knows this carrier."""
    before = shared_telephone_site.site
    with running_carrier() as one:
        yield one
        shared_telephone_site.asterisk.reload_lines(before)


class Records:
    """A `LineSource`: what an administrator would have saved, put into Asterisk by the same way."""

    def __init__(self, site: SiteUnderTest, carrier: Carrier) -> None:
        self._site, self._carrier = site, carrier
        self.secret, self.rules, self.second = SECRET, OutgoingRules(), False

    def _trunk(self, name: str, **more: object) -> TrunkLine:
        line = TrunkLine(
            endpoint=f"trunk-{name}",
            host=self._carrier.host,
            port=self._carrier.port,
            username=USER,
            secret=self.secret,
        )
        return replace(line, **more)  # type: ignore[arg-type]

    async def current(self) -> LinePlan:
        mobile = TrunkWay(id="mobile", endpoint="trunk-mobile", registers=True, number_form="national")
        failing = TrunkWay(
            id="failing", endpoint="trunk-failing", watched=False
        )  # writes numbers as nobody there reads
        ways = (failing, mobile) if self.second else (mobile,)
        forms = forms_by_number(NUMBERS)
        return LinePlan(
            trunks=(*ways, replace(SETTINGS_WAY, outgoing=False)),
            rules=self.rules,
            limits=DialLimits(allowed=("861",)),
            numbers={form: number for number, each in forms.items() for form in each},
            first_number=NUMBERS[0],
        )

    async def changed(self) -> LinePlan:
        forms = forms_by_number(NUMBERS)
        lines = [self._trunk("mobile", registers=True, sources=(self._carrier.host,))]
        if self.second:
            lines.append(self._trunk("failing"))
        site = replace(
            self._site.site,
            trunks=tuple(lines),
            numbers=tuple(ServedNumber(number=one, forms=forms[one]) for one in NUMBERS),
            dial_order=("trunk-mobile",),
            qualify_seconds=1,
            retry_seconds=1,
        )
        await asyncio.to_thread(self._site.asterisk.reload_lines, site)
        return await self.current()

    async def brand_of(self, customer_id: int) -> str:
        return ""


@asynccontextmanager
async def connected(site: SiteUnderTest, folder: Path, records: Records) -> AsyncIterator[Platform]:
    async with platform(site, folder, lines=records) as running:
        await running.bridge.desk.lines_changed()
        yield running


def mobile(running: Platform) -> TrunkView:
    return next(view for view in running.bridge.lines.trunks() if view.way.id == "mobile")


async def until(running: Platform, told: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for what the lines push."""
    with running.bridge.lines.watching() as news:
        async with asyncio.timeout(seconds):
            while not told():
                news.clear()
                await news.wait()


async def registered(running: Platform) -> None:
    await until(running, lambda: mobile(running).state is TrunkState.REGISTERED)


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


def _alarms(queue: asyncio.Queue[object]) -> list[object]:
    found = []
    while not queue.empty():
        found.append(queue.get_nowait())
    return found
