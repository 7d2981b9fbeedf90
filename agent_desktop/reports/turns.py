"""Reports wait for each other: few are counted at a time, so that the processor is there for calls (see `apart.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, Request

from crm_core.errors import Unreachable

AT_ONCE = 2
MOST_WAITING = 60
LONGEST_WAIT = 30.0  # seconds


class TooManyReports(Unreachable):
    """Enough reports are being counted; nothing is wrong."""

    def __init__(self) -> None:
        super().__init__("Many reports are being counted right now, and calls come first. Try again in a few seconds.")


class Turns:
    """At most `AT_ONCE` at a time; the others wait in order, and those beyond `MOST_WAITING` not at all."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING, wait: float = LONGEST_WAIT) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most_waiting, self._wait, self._waiting = most_waiting, wait, 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises TooManyReports when the turn does not come."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            raise TooManyReports
        self._waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._wait)
        except TimeoutError:
            raise TooManyReports from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


async def _a_turn(request: Request) -> AsyncIterator[None]:
    turns: Turns = request.app.state.report_turns
    async with turns.turn():
        yield


a_turn = Depends(_a_turn, scope="function")
"""For a route that counts: over when the answer is made, before it is sent."""
