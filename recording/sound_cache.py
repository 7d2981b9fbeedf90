"""Plain copies of recordings that lie encrypted or elsewhere: made for a reader, kept some minutes, never backed up."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

KEPT_SECONDS = 300.0
"""A player asks for one sound in many pieces; each would open it anew."""
Make = Callable[[Path], Awaitable[None]]


class SoundCache:
    """One for each process: `folder` is emptied when it is first used, and only this user may look into it."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._ready = False
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._open: Counter[Path] = Counter()
        self._used: dict[Path, float] = {}

    @asynccontextmanager
    async def open(self, name: str, ending: str, make: Make) -> AsyncIterator[Path]:
        """The copy named `name`, made by `make(path)` when it is not there. It stays at least until the block ends."""
        path = self._prepared() / (hashlib.sha256(name.encode()).hexdigest()[:32] + ending)
        async with self._locks[name]:
            if not path.is_file():
                await make(path)
            self._open[path] += 1
        try:
            yield path
        finally:
            self._open[path] -= 1
            self._used[path] = self._clock()
            self.prune()

    def prune(self) -> None:
        """Removes what nobody has used for some minutes."""
        before = self._clock() - KEPT_SECONDS
        for path in [one for one, used in self._used.items() if used <= before and not self._open[one]]:
            path.unlink(missing_ok=True)
            del self._used[path], self._open[path]

    def forget(self, name: str) -> None:
        """Removes the copies of this name: the recording was deleted."""
        start = hashlib.sha256(name.encode()).hexdigest()[:32]
        for path in [one for one in self._used if one.name.startswith(start)]:
            path.unlink(missing_ok=True)
            del self._used[path], self._open[path]

    def _prepared(self) -> Path:
        if not self._ready:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(mode=0o700, parents=True)
            self._ready = True
        return self._folder
