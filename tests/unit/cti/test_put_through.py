"""Nobody is dialled for a caller in the menu whom the site, the records and the caps have not allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from crm_core.history import events as feed
from crm_core.history.events import Direction
from cti.book import ContactBook
from cti.contacts import Contact, Phase
from cti.deeds import Step
from cti.put_through import CALLER_LIMITS, MENU_LIMITS, PuttingThrough
from cti.transfers import outside_over
from ivr.line import PutThrough
from tests.unit.cti.lines import lines_allowing

WISH = PutThrough(number="", dealer="17", ring=20, topic="", path=(), language="zh-CN", place=object())


class Records:
    def __init__(self, number: str | Exception = "13812345678") -> None:
        self.number_, self.asked = number, list[str]()

    async def number(self, dealer: str) -> str:
        self.asked.append(dealer)
        if isinstance(self.number_, Exception):
            raise self.number_
        return self.number_ if dealer == "17" else ""


class Centre:
    """A book with callers in the menu, and what was done."""

    def __init__(self, records: Records, prefixes: tuple[str, ...] = ("86",)) -> None:
        self.book, self.done, self.now = ContactBook(), list[Step](), 1_000.0
        board = SimpleNamespace(book=self.book, carry_out=self.done.extend)
        runtime: Any = SimpleNamespace(switchboard=board, order=self._order)
        self.outside = PuttingThrough(runtime, records, lines_allowing(*prefixes), clock=lambda: self.now)

    @staticmethod
    async def _order(work: Callable[[], None]) -> None:
        work()

    def calls(self, call: str, number: str = "+8613900000001", phase: Phase = Phase.MENU) -> Contact:
        contact = Contact(call, Direction.INBOUND, f"PJSIP/trunk-{call}", number, "400", phase)
        self.book.contacts[call] = contact
        return contact


async def test_a_dealer_of_the_records_is_dialled_by_the_number_that_they_have():
    centre = Centre(Records())
    contact = centre.calls("c1")
    dialling = await centre.outside.begin("c1", WISH)
    assert dialling is not None
    assert (dialling.number, dialling.leg, dialling.ring) == ("8613812345678", "c1-1", 20)
    (told,) = centre.done
    assert isinstance(told, feed.CallTransferred)
    assert (told.by, told.kind, told.target, told.leg) == ("", "dealer", "17", "c1-1")
    assert contact.phase is Phase.EXTERNAL


@pytest.mark.parametrize("number", ["", "110", "+4930123456", "16838888888", "138;x", RuntimeError("away")])
async def test_without_a_number_that_may_be_dialled_nothing_happens(number: str | Exception):
    centre = Centre(Records(number))
    contact = centre.calls("c1")
    assert await centre.outside.begin("c1", WISH) is None
    assert (centre.done, contact.phase, contact.consult) == ([], Phase.MENU, None)


async def test_a_site_that_allows_nothing_dials_nothing():
    centre = Centre(Records(), prefixes=())
    centre.calls("c1")
    assert await centre.outside.begin("c1", WISH) is None
    assert await centre.outside.begin("c1", replace(WISH, dealer="", number="13812345678")) is None


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in (Phase.MENU, Phase.RINGING_IN)])
async def test_only_who_is_in_the_menu_is_put_through(phase: Phase):
    centre = Centre(Records())
    centre.calls("c1", phase=phase)
    assert await centre.outside.begin("c1", WISH) is None
    assert await centre.outside.begin("nobody", WISH) is None


async def test_a_caller_who_dials_like_a_machine_is_stopped_and_others_are_not():
    centre = Centre(Records())
    contact, allowed = centre.calls("c1"), 0
    for _ in range(40):
        centre.now += 100
        if await centre.outside.begin("c1", WISH):
            allowed += 1
            outside_over(centre.book, contact, centre.now)
            assert contact.phase is Phase.MENU
    assert allowed <= 2 * CALLER_LIMITS.in_an_hour
    centre.calls("c2", "+8613900000002")
    assert await centre.outside.begin("c2", WISH) is not None


async def test_all_menus_together_have_no_more_talks_at_once_than_the_site_allows():
    centre = Centre(Records())
    got = []
    for number in range(MENU_LIMITS.at_once + 3):
        centre.calls(f"c{number}", f"+86139000000{number:02}")
        centre.now += 10
        got.append(await centre.outside.begin(f"c{number}", WISH) is not None)
    assert got == [True] * MENU_LIMITS.at_once + [False] * 3


async def test_a_second_try_may_follow_before_the_end_of_the_first_is_told_and_only_its_own_end_counts():
    centre = Centre(Records())
    contact = centre.calls("c1")
    await centre.outside.begin("c1", WISH)
    await centre.outside.begin("c1", replace(WISH, dealer="", number="13812345679"))
    outside_over(centre.book, contact, centre.now, "c1-1")
    assert contact.consult is not None
    assert (contact.phase, contact.consult.leg) == (Phase.EXTERNAL, "c1-2")
    outside_over(centre.book, contact, centre.now, "c1-2")
    assert (contact.phase, contact.consult) == (Phase.MENU, None)


async def test_the_menu_goes_on_once_for_each_try():
    centre = Centre(Records())
    centre.calls("c1")
    await centre.outside.begin("c1", WISH)
    assert centre.outside.unreached("c1") is WISH
    assert centre.outside.unreached("c1") is None
