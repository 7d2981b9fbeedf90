"""Places kept for callers who hung up: booked, called when the turn comes, tried again, closed."""

from __future__ import annotations

import time

import structlog

from crm_core.errors import PlatformError
from cti.dial_gate import CALLBACK
from cti.lines import Lines
from cti.runtime import Runtime

log = structlog.get_logger(__name__)


class Callbacks:
    """`agent_desktop.ports.Callbacks`, and what the menu asks for a caller: `cti.waiting_choice.Choices`."""

    def __init__(self, runtime: Runtime, lines: Lines) -> None:
        self._runtime, self._board, self._lines = runtime, runtime.switchboard, lines

    # ---- a supervisor

    async def cancel(self, by: str, callback: str) -> None:
        """NoSuchCallback when it is closed, CustomerOnTheLine while it is being called."""
        waiting = self._board.waiting
        await self._runtime.order(lambda: self._board.carry_out(waiting.places.cancel(callback, time.time())))
        log.info("callback_cancelled", callback=callback, by=by)

    async def call_now(self, by: str, callback: str) -> None:
        """Before all others, as soon as an agent is free. Refusals as for `cancel`."""
        waiting = self._board.waiting
        await self._runtime.order(lambda: self._board.carry_out(waiting.places.call_now(callback, time.time())))
        log.info("callback_first", callback=callback, by=by)

    # ---- a caller

    def offers(self, call: str, choice: str) -> bool:
        """Whether the queue in which this caller waits lets choose it: callback or message."""
        contact = self._board.book.contacts.get(call)
        return contact is None or choice not in self._board.book.not_offered.get(contact.queue, frozenset())

    async def book(self, call: str, number: str) -> bool:
        """On record when this returns: no kill loses it."""
        booked = False

        def work() -> None:
            nonlocal booked
            booked = self._board.waiting.wants_callback(call, number, time.time())

        await self._runtime.order(work)
        return booked

    async def book_from_menu(self, call: str, number: str) -> bool:
        """For a caller in the menu; False for a number that may not be dialled. On record when this returns."""
        try:
            digits = self._lines.gate.dialable(CALLBACK, number)
        except PlatformError:
            return False
        booked = False

        def work() -> None:
            nonlocal booked
            booked = self._board.waiting.wants_callback_from_menu(call, f"+{digits}", time.time())

        await self._runtime.order(work)
        return booked

    async def leave_message(self, call: str) -> bool:
        left = False

        def work() -> None:
            nonlocal left
            left = self._board.waiting.wants_message(call, time.time())

        await self._runtime.order(work)
        return left
