"""The lines to the outside: which way a call goes, how much may go, what is known of each trunk, and who is told."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import structlog

from crm_core.errors import Refused
from crm_core.phone import location
from cti.accounts import CommandLine
from cti.ami import AsteriskLink
from cti.contacts import Contact
from cti.deeds import Deed, Move
from cti.dial_caps import CapHit
from cti.dial_gate import TEST, DialGate
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.frames import Frame
from cti.line_plan import LinePlan, LineSource
from cti.line_tests import LineTest, LineTests, origination
from cti.lines_seen import LinesSeen
from cti.trunk_watch import TrunkChange, TrunkView, TrunkWatch

log = structlog.get_logger(__name__)

COMPARE_SECONDS = 20.0
MOST_ALARMS = 200
SHOWN_HITS = 8
MOST_TESTS_AT_ONCE = 3
OUTSIDE_CONTEXTS = frozenset({"hl-external", "hl-consult-out"})
_REGISTRATION = re.compile(r"^ (trunk-[a-z0-9-]+)/\S+ +\S+ +(\w+)", re.MULTILINE)
_CONTACT = re.compile(r"^  Contact:  (trunk-[a-z0-9-]+)/\S+ +\S+ +(\w+) +([0-9.]+|-?nan)", re.MULTILINE)
LineAlarm = TrunkChange | CapHit


class Lines:
    """`link` and `command_line` ask Asterisk; without a command line logins are known only as events tell them."""

    link: AsteriskLink
    contact_of: Callable[[str], Contact | None] = staticmethod(lambda _call: None)

    def __init__(
        self,
        source: LineSource,
        plan: LinePlan,
        command_line: CommandLine | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source, self._command_line, self._clock = source, command_line, clock
        self.plan = plan
        self.gate = DialGate(plan, clock, self._alarm, self._tell)
        self.watch, self.tests = TrunkWatch(plan), LineTests()
        self.alarms: asyncio.Queue[LineAlarm] = asyncio.Queue(MOST_ALARMS)
        self._ask, self._watchers = asyncio.Event(), set[asyncio.Event]()

    # ---- what the records say

    async def changed(self) -> None:
        """Somebody saved: Asterisk has read its files when this returns, and calls from now on go as they say.

        What was known of a trunk is known anew: an edited one logs in again.
        """
        self.plan = await self._source.changed()
        self.gate.take(self.plan)
        self.watch.plan_changed(self.plan)
        await self._ask_asterisk()
        self._tell()

    # ---- calls out

    def ways(self, digits: str, *, campaign: int = 0, brand: str = "", entry: str = "") -> dict[str, str]:
        """The variables of a channel that dials these E.164 digits."""
        shown = self.plan.shown(campaign=campaign, brand=brand, entry=entry)
        return {"HL_ROUTE": self.plan.route(digits, self.watch.usable, _where), "HL_SHOWN": shown}

    async def brand_of(self, customer_id: int | None) -> str:
        """For the number that is shown; "" when the records do not answer at once."""
        if customer_id is None or not self.plan.rules.by_brand:
            return ""
        try:
            async with asyncio.timeout(0.5):
                return await self._source.brand_of(customer_id)
        except Exception:
            log.exception("brand_not_known", customer=customer_id)
            return ""

    def with_ways(self, step: Deed) -> Deed:
        """A step that leads a channel to where it dials outside, with the way that this call takes."""
        if not isinstance(step, Move):
            return step
        contact = self.contact_of(step.call)
        entry = contact.entry if contact is not None else ""
        for channel, context, number in (
            (step.channel, step.context, step.exten),
            (step.also, step.also_context, step.also_exten),
        ):
            if context in OUTSIDE_CONTEXTS and number.isdigit():
                ways = self.ways(number, entry=entry)
                added = tuple((channel, name, value) for name, value in ways.items())
                step = replace(step, variables=(*step.variables, *added))
        return step

    # ---- test calls

    async def test_call(self, by: str, number: str, trunk: str) -> LineTest:
        """Call this number by this trunk. The refusals of numbers and limits, OneAtATime; nothing was dialled then."""
        digits = self.gate.dialable(TEST, number)
        way = next((one for one in self.plan.trunks if one.id == trunk), None)
        if way is None:
            raise Refused("This trunk is off or is not there any more.")
        if self.tests.running() >= MOST_TESTS_AT_ONCE:
            raise Refused("Other people are making test calls now. Try again in a minute.")
        route = replace(self.plan, trunks=(replace(way, outgoing=True),)).route(digits, lambda _: True, _where)
        self.tests.require_free(by)
        self.gate.allow(TEST, digits, live=self.tests.running())
        test = self.tests.begin(by, digits, route, trunk)
        try:
            await self.link.send(origination(test, self.plan.shown()))
        except (AsteriskRefused, AsteriskUnreachable):
            self.tests.over(by, self._clock())
            raise
        finally:
            self._tell()
        return test

    async def end_test(self, by: str) -> None:
        """Hang up; nothing happens when there is none."""
        test = self.tests.of(by)
        if test is not None and not test.ended:
            await self.link.send({"Action": "Hangup", "Channel": test.id, "Cause": "16"})

    # ---- what Asterisk tells

    def hear(self, frame: Frame) -> None:
        """Every frame, in order."""
        if frame.event == "Registry":
            self._ask.set()
        at = self._clock()
        told = self.watch.hear(frame, at)
        if self.tests.hear(frame, at) or told:
            self._after()

    def linked(self) -> None:
        """A fresh link: what happened before must be asked for."""
        self._ask.set()

    async def run(self) -> None:
        """Ask again after each event that says too little, and now and then. Until cancelled."""
        while True:
            try:
                async with asyncio.timeout(COMPARE_SECONDS):
                    await self._ask.wait()
            except TimeoutError:
                pass
            self._ask.clear()
            await self._ask_asterisk()

    async def _ask_asterisk(self) -> None:
        try:
            await self._compare()
        except (AsteriskRefused, AsteriskUnreachable):
            return  # the next link asks
        except Exception:
            log.exception("trunks_not_asked")

    async def _compare(self) -> None:
        registrations: Mapping[str, str] | None = None
        contacts: list[tuple[str, str, str]] = []
        if self._command_line is not None and len(self.plan.trunks) > 1:
            registrations = dict(_REGISTRATION.findall(await self._command_line("pjsip show registrations")))
            contacts = contacts_of(await self._command_line("pjsip show contacts"))
        rows = await self.link.ask({"Action": "CoreShowChannels"})
        channels = {row.get("Uniqueid"): row.get("Channel") for row in rows}
        if self.watch.compared(registrations, contacts, channels, self._clock()):
            self._after()

    # ---- who is told

    def _after(self) -> None:
        for change in self.watch.take_changes():
            log.info("trunk_changed", trunk=change.trunk, before=str(change.before), after=str(change.after))
            self._alarm(change)
        self._tell()

    def _alarm(self, alarm: LineAlarm) -> None:
        if self.alarms.full():
            self.alarms.get_nowait()
            self.alarms.task_done()
        self.alarms.put_nowait(alarm)

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """The event is set at every change; who waits for it clears it."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    def trunks(self) -> tuple[TrunkView, ...]:
        return self.watch.views()

    def seen(self) -> LinesSeen:
        """For the pages, also those of other processes."""
        hits = tuple(self.gate.hits[-SHOWN_HITS:])
        return LinesSeen(trunks=self.trunks(), hits=hits, refusals=self.gate.refusals, tests=self.tests.all())


def contacts_of(text: str) -> list[tuple[str, str, str]]:
    """Endpoint, status, microseconds of each trunk, from Asterisk's list of contacts."""
    words = {"Avail": "Reachable", "Unavail": "Unreachable"}
    return [
        (endpoint, words.get(status, status), str(int(float(trip) * 1000)) if trip[0].isdigit() else "")
        for endpoint, status, trip in _CONTACT.findall(text)
    ]


def _where(e164: str) -> str:
    return location(e164, "zh")
