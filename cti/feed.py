"""The numbered feed: on disk first, then to every reader in this process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Protocol

import structlog

from crm_core.history.events import FeedRecord, HistoryEvent

log = structlog.get_logger(__name__)

READER_LIMIT = 5_000  # records that a reader may be behind
FLUSH_SECONDS = 0.05


class FeedJournal(Protocol):
    """crm_core.history.journal.Journal: a step that is appended survives `kill -9`, and a power cut after `flush`."""

    last_number: int

    def append(self, *step: FeedRecord) -> None: ...
    def flush(self) -> None: ...
    def read(self, after_number: int, limit: int | None = None) -> Iterator[FeedRecord]: ...
    def close(self) -> None: ...


class FeedReader:
    """Records in order, none missing. The iteration ends when this reader was too slow, or the feed is closed."""

    def __init__(self) -> None:
        self._waiting: deque[FeedRecord] = deque()
        self._news = asyncio.Event()
        self.closed = False

    def offer(self, record: FeedRecord) -> None:
        if self.closed:
            return
        if len(self._waiting) >= READER_LIMIT:
            log.error("feed_reader_too_slow", number=record.number)
            self.close()
            return
        self._waiting.append(record)
        self._news.set()

    def close(self) -> None:
        self.closed = True
        self._waiting.clear()
        self._news.set()

    def finish(self) -> None:
        """Close it behind what waits."""
        self.closed = True
        self._news.set()

    async def arrived(self) -> None:
        """Return when something waits to be taken, or the reader is closed."""
        while not self._waiting and not self.closed:
            self._news.clear()
            await self._news.wait()

    async def arrived_of(self, kind: type[HistoryEvent], *, seconds: float) -> None:
        """Return when a record of this kind waits to be taken, and after `seconds` in any case."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.closed and not any(isinstance(record.event, kind) for record in self._waiting):
                    self._news.clear()
                    await self._news.wait()

    def take(self) -> list[FeedRecord]:
        """All that waits, at once."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    async def __aiter__(self) -> AsyncIterator[FeedRecord]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self.closed:
                return
            self._news.clear()
            await self._news.wait()


class Feed:
    """One process writes it. `publish` is quick: a write to a file, no wait for the disk."""

    def __init__(self, journal: FeedJournal) -> None:
        self._journal = journal
        self._readers: set[FeedReader] = set()
        self._flushed = journal.last_number
        self._step: list[FeedRecord] = []
        self._together = 0

    @property
    def number(self) -> int:
        """Of the last record."""
        return self._journal.last_number + len(self._step)

    def publish(self, event: HistoryEvent) -> FeedRecord:
        record = FeedRecord(self.number + 1, event)
        self._step.append(record)
        if not self._together:
            self._write_step()
        return record

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is published in the block is one step: after a crash all of it is there, or nothing.

        Never wait in the block, and let nothing leave for Asterisk: it would go before the record of it. A step that
        cannot be written is logged: calls go on.
        """
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1
            if not self._together:
                try:
                    self._write_step()
                except Exception:
                    log.exception("step_not_written")

    def _write_step(self) -> None:
        if step := tuple(self._step):
            self._step.clear()
            self._journal.append(*step)
            for reader in list(self._readers):
                for record in step:
                    reader.offer(record)

    def since(self, number: int) -> Iterator[FeedRecord]:
        return self._journal.read(number)

    def follow(self) -> AbstractAsyncContextManager[FeedReader]:
        """Every record from now on."""
        return self._follow()

    @asynccontextmanager
    async def _follow(self) -> AsyncIterator[FeedReader]:
        reader = FeedReader()
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            reader.close()

    async def keep_flushed(self) -> None:
        """Force new records to the disk, many at once; runs until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if self._flushed != self.number:
                number = self.number
                try:
                    await asyncio.to_thread(self._journal.flush)
                    self._flushed = number
                except OSError:
                    log.exception("feed_not_flushed")

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
        self._journal.close()
