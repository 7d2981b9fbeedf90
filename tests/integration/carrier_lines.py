"""The lines of a site under test to the carrier of a test, as an administrator would have entered them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from asterisk_conf.lines import ServedNumber, TrunkLine
from crm_core.lines.limits import DialLimits
from crm_core.lines.outgoing import OutgoingRules
from crm_core.lines.written import forms_by_number
from cti.line_plan import SETTINGS_WAY, LinePlan, TrunkWay
from cti.trunk_watch import TrunkState, TrunkView
from tests.integration.carrier import SECRET, USER, Carrier
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest

NUMBERS = ("4001718888", "043188883318")
MOBILE = "+8613900000001"


class Records:
    """A `LineSource`: what an administrator would have saved, put into Asterisk by the same way."""

    def __init__(self, site: SiteUnderTest, carrier: Carrier) -> None:
        self._site, self._carrier = site, carrier
        self.secret, self.rules, self.second = SECRET, OutgoingRules(), False
        self.trunk: dict[str, object] = {}  # how it differs from an ordinary one
        self.brands: dict[str, str] = {}
        self.limits = DialLimits(allowed=("861",))
        self.brand = ""  # of every customer's cars

    def _trunk(self, name: str, **more: object) -> TrunkLine:
        values = {"endpoint": f"trunk-{name}", "host": self._carrier.host, "port": self._carrier.port}
        return TrunkLine(**(values | {"username": USER, "secret": self.secret} | more))  # type: ignore[arg-type]

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
            limits=self.limits,
            numbers={form: number for number, each in forms.items() for form in each},
            brands=self.brands,
            first_number=NUMBERS[0],
        )

    async def changed(self) -> LinePlan:
        forms = forms_by_number(NUMBERS)
        lines = [self._trunk("mobile", registers=True, sources=(self._carrier.host,), **self.trunk)]
        if self.second:
            lines.append(self._trunk("failing"))
        site = replace(
            self._site.site,
            trunks=tuple(lines),
            numbers=tuple(ServedNumber(number=one, forms=forms[one]) for one in NUMBERS),
            dial_order=(lines[0].endpoint,),
            carrier_authorities=self._carrier.authorities,
            qualify_seconds=1,
            retry_seconds=1,
        )
        await asyncio.to_thread(self._site.asterisk.reload_lines, site)
        return await self.current()

    async def brand_of(self, customer_id: int) -> str:
        return self.brand


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
