"""Who may be dialled for a caller in the menu, and the callers whose menu waits for what comes of it.

Denied by default: a dealer of the records, or a number that the flow itself names, if the site may dial it at all;
counted for the menus as a whole and for each caller. A refusal is no error: the caller goes on in the menu.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from crm_core.errors import PlatformError, Refused
from cti.book import ContactBook
from cti.contacts import Party
from cti.dial_caps import DialCaps, Limits
from cti.dial_gate import MENU
from cti.directory import DealerDirectory
from cti.lines import Lines
from cti.outside import Dialling, is_put_through, may_be_put_through, put_through
from cti.runtime import Runtime
from ivr.line import PutThrough

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0  # of the records, for a dealer's number: the caller hears nothing meanwhile
KEPT = 1_000  # callers who are being put through at a time, at most
MENU_LIMITS = Limits(in_a_minute=20, in_an_hour=300, at_once=10, same_number_in_an_hour=60)
CALLER_LIMITS = Limits(in_a_minute=3, in_an_hour=8, at_once=1, same_number_in_an_hour=600)


class NotInTheMenu(Refused):
    def __init__(self) -> None:
        super().__init__("This caller is not in the menu any more.")


class NoSuchDealer(Refused):
    def __init__(self) -> None:
        super().__init__("The records have no such dealer with a telephone number.")


@dataclass(slots=True)
class PuttingThrough:
    """`cti.outside.Outside`, one for the whole site. Whoever gave a dealer's id, the records give the number."""

    runtime: Runtime
    dealers: DealerDirectory
    lines: Lines
    clock: Callable[[], float] = time.time
    menus: DialCaps = field(default_factory=lambda: DialCaps(MENU_LIMITS))
    callers: DialCaps = field(default_factory=lambda: DialCaps(CALLER_LIMITS))
    _kept: OrderedDict[str, PutThrough] = field(default_factory=OrderedDict)

    async def begin(self, call: str, wish: PutThrough) -> Dialling | None:
        found: list[Dialling] = []
        try:
            number = await self._number(wish)

            def work() -> None:
                board = self.runtime.switchboard
                party = self._allowed(board.book, call, wish, number)
                board.carry_out(board.book.take())
                ways = self.lines.ways(number, entry=board.book.contacts[call].entry)
                found.append(Dialling(leg=party.leg, number=number, ring=wish.ring, ways=ways))

            await self.runtime.order(work)
        except PlatformError as refused:
            log.warning("not_put_through", call=call, reason=str(refused))
            return None
        self._kept[call] = wish
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found[0]

    def unreached(self, call: str) -> PutThrough | None:
        return self._kept.pop(call, None)

    async def _number(self, wish: PutThrough) -> str:
        if wish.number:
            return self.lines.gate.dialable(MENU, wish.number)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                number = await self.dealers.number(wish.dealer)
        except Exception as failed:
            log.exception("dealers_not_asked", dealer=wish.dealer)
            raise NoSuchDealer from failed
        if not number:
            raise NoSuchDealer
        return self.lines.gate.dialable(MENU, number)

    def _allowed(self, book: ContactBook, call: str, wish: PutThrough, number: str) -> Party:
        contact, at = book.contacts.get(call), self.clock()
        if contact is None or not may_be_put_through(contact):
            raise NotInTheMenu
        others = [one for one in book.contacts.values() if one is not contact and is_put_through(one)]
        self.callers.allow(contact.caller, number, at, live=sum(one.caller == contact.caller for one in others))
        try:
            self.menus.allow(MENU, number, at, live=len(others))
        except Refused as refused:
            self.lines.gate.refused(MENU, number, refused)
            raise
        kind, name = ("number", number) if wish.number else ("dealer", wish.dealer)
        party = Party(contact.next_leg(), kind, name, number, "", at)
        put_through(book, contact, party)
        return party
