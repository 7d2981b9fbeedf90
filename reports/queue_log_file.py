"""Writes `queue_log` beside the feed: each line once, whatever is killed when."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import structlog

from crm_core.history.events import FeedRecord
from reports.queue_log import QueueLog

log = structlog.get_logger(__name__)
WRITE_SECONDS = 0.5
NOTE_EVERY = 1_000  # records without a line: the journal keeps far more


class Records(Protocol):
    """Of cti.feed.FeedReader."""

    def __aiter__(self) -> AsyncIterator[FeedRecord]: ...


Follow = Callable[[], AbstractAsyncContextManager[Records]]
Since = Callable[[int], Iterator[FeedRecord]]


class QueueLogFile:
    """`place` is the log; beside it `<place>.place` keeps up to which record and byte it is whole, and what is open.

    A log that was rotated away is begun anew. A record that was written when the process was killed, and not noted, is
    cut off and written again.
    """

    def __init__(self, place: Path) -> None:
        self._place, self._note = place, place.with_name(place.name + ".place")
        self.number, self._log, self._noted = 0, QueueLog(), 0
        self._waiting: list[str] = []

    async def run(self, follow: Follow, since: Since) -> None:
        """Until cancelled. What was told while nobody wrote comes first."""
        self.take_up()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write_often())
            while True:
                async with follow() as records:
                    self.take(since(self.number))
                    async for record in records:
                        self.take([record])
                log.warning("queue_log_behind", number=self.number)

    async def _write_often(self) -> None:
        """Many lines at once: the disk is asked twice a second, not for every ring of a phone."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            self.write()

    def take_up(self) -> None:
        """Where the last process stopped. A note that cannot be read counts as none: the log goes on from now."""
        try:
            note = json.loads(self._note.read_text())
            self.number, self._log = int(note["number"]), QueueLog.restored(note["open"])
            self._noted = self.number
            size, inode = int(note["size"]), int(note["inode"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        if self._place.exists() and self._place.stat().st_ino == inode and self._place.stat().st_size > size:
            os.truncate(self._place, size)

    def take(self, records: Iterable[FeedRecord]) -> None:
        """Records that were taken before are passed over."""
        for record in records:
            if record.number > self.number:
                self.number = record.number
                self._waiting += self._log.lines(record.event)

    def write(self) -> None:
        """A full disk never stops a call: what could not be written waits for the next time."""
        if self._waiting or self.number - self._noted >= NOTE_EVERY:
            try:
                self._append()
            except OSError as full:
                log.error("queue_log_not_written", reason=str(full), lines=len(self._waiting))

    def _append(self) -> None:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        with self._place.open("a", encoding="utf-8") as out:
            before = out.tell()
            try:
                out.write("".join(f"{one}\n" for one in self._waiting))
                out.flush()
            except OSError:
                os.truncate(self._place, before)  # half a line would be read as one
                raise
        self._waiting.clear()
        found = self._place.stat()
        note = {"number": self.number, "size": found.st_size, "inode": found.st_ino, "open": self._log.state()}
        part = self._note.with_name(f".{self._note.name}.part")
        part.write_text(json.dumps(note))
        part.replace(self._note)
        self._noted = self.number
