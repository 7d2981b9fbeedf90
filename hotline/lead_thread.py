"""The lease is renewed by a thread of its own, for as long as the loop that does the leader's work turns.

A busy loop comes late to everything, and a lease that it renews itself runs out under a leader that works. A thread
renews in time, but would renew for a loop that hangs, too: so it listens to the loop's pulse, and ends the process.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import structlog

from crm_core.leading.lease import Lease
from hotline.background import tell_of_failure
from hotline.lead import Lead, LeaseKeeper

log = structlog.get_logger(__name__)

LOOP_HANGS = 72  # our exit status
OpenLease = Callable[[], AbstractAsyncContextManager[Lease]]


@asynccontextmanager
async def renewed(lead: Lead, open_lease: OpenLease, *, end: Callable[[int], None] = os._exit) -> AsyncIterator[None]:
    """Hold the lease until the block ends, then give it back. `end` as hotline.lead.Candidate has it."""
    thread = _Renewing(lead, open_lease, end)
    beating = asyncio.create_task(lead.pulse.beat(), name="pulse")
    beating.add_done_callback(tell_of_failure)
    thread.start()
    try:
        yield
    finally:
        await asyncio.to_thread(thread.stop)
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


class _Renewing(threading.Thread):
    def __init__(self, lead: Lead, open_lease: OpenLease, end: Callable[[int], None]) -> None:
        super().__init__(name="lead", daemon=True)
        self._lead, self._open_lease, self._end = lead, open_lease, end
        self._working = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._over: asyncio.Event

    def run(self) -> None:
        try:
            asyncio.run(self._renew())
        except Exception:  # the lease then runs out, and whoever stands by takes it: nobody leads unseen
            log.exception("lead_not_renewed")
        finally:
            self._working.set()

    def stop(self) -> None:
        """Give the lease back, and return when the thread has ended."""
        self._working.wait()
        with suppress(RuntimeError, AttributeError):  # it has ended, or never begun
            self._loop.call_soon_threadsafe(self._over.set)
        self.join()

    async def _renew(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._working.set()
        async with self._open_lease() as lease:
            keeper = LeaseKeeper(lease)
            works = [asyncio.create_task(work) for work in (self._lead.keep(keeper), self._listen(), self._over.wait())]
            done, others = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            for task in done:
                task.result()
            await self._lead.give_back(keeper)

    async def _listen(self) -> None:
        seconds = await self._lead.pulse.silent()
        log.error("loop_hangs", seconds=round(seconds, 1), epoch=self._lead.epoch, where="it stands below")
        faulthandler.dump_traceback()
        self._end(LOOP_HANGS)
