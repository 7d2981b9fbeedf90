"""Whether the event loop of calls still turns, as a thread beside it sees it."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

BEAT_SECONDS = 0.25
START_LIMIT = 60.0  # a journal of days, read on a slow disk, is no fault


class Pulse:
    """Made in the loop's own thread. `limit`: for how many seconds the loop may be silent.

    Counted is only time in which the loop could have run: not the time in which the machine had no processor for it,
    nor that in which the whole process was stopped. So a machine with far too much to do makes nobody look dead, and
    what is left is a loop that waits for something for ever or goes round in one place.
    """

    def __init__(self) -> None:
        self.limit = START_LIMIT
        self._beats = 0
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")

    async def beat(self) -> None:
        """In the loop that is watched, until cancelled."""
        while True:
            self._beats += 1
            await asyncio.sleep(BEAT_SECONDS)

    async def silent(self) -> float:
        """In another thread's loop: return when the limit is passed, with the seconds that were counted."""
        heard, counted = self._beats, 0.0
        looked, waited = time.monotonic(), self._waited()
        while counted <= self.limit:
            await asyncio.sleep(BEAT_SECONDS)
            now, waits = time.monotonic(), self._waited()
            passed = min(now - looked, 2 * BEAT_SECONDS)  # more: we were stopped or late, and so was the loop
            counted = 0.0 if self._beats != heard else counted + max(0.0, passed - (waits - waited))
            heard, looked, waited = self._beats, now, waits
        return counted

    def _waited(self) -> float:
        """Seconds for which the loop's thread was ready to run and another had the processor; 0.0 where the kernel does
        not count them.
        """
        try:
            return int(self._schedule.read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0
