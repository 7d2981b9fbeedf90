"""The feed on disk: appended before anything else, deleted only when the database has it.

A record survives `kill -9` of the process as soon as `append` returns, and a power cut after the next `flush`. Records
that are appended together are one step: after a crash all of them are there, or none. When the disk is full, records
wait in memory and calls go on; `fault` says what is wrong.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path

import structlog

from crm_core.history.codec import UnreadableRecord, decode, encode, unfinished
from crm_core.history.events import FeedRecord

log = structlog.get_logger()

SEGMENT_RECORDS = 20_000  # about 4 MB
KEPT_IN_MEMORY = 4_000  # a reader this close behind needs no disk


class Journal:
    """One folder of segments, each named by the number of its first record. One process writes it.

    `after` is the last number known from elsewhere (history.writer.stored_position): if the folder was
    lost, numbers still go on behind it. `skip` numbers are left out where the process before may still write some.
    `require_lead` is asked before each record and does not return in a process that no longer leads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        after: int = 0,
        skip: int = 0,
        require_lead: Callable[[], None] = lambda: None,
        segment_records: int = SEGMENT_RECORDS,
    ) -> None:
        self._require_lead = require_lead
        self._folder, self._segment_records = folder, segment_records
        self._lock = threading.Lock()  # flush runs in a thread; never held while the disk is waited for
        self._flushing = threading.Lock()
        self._full: list[int] = []  # segments that were left since the last flush
        self._recent: deque[FeedRecord] = deque(maxlen=KEPT_IN_MEMORY)
        self._unwritten: deque[tuple[FeedRecord, ...]] = deque()  # steps
        self._grown = asyncio.Event()
        self._dirty = False
        self._segment_first = 0
        self.fault: OSError | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._on_disk = self._repair()
        self.last_number = max(self._on_disk, after) + skip
        goes_on = self._on_disk == self.last_number and self._segments()
        self._file = self._reopen() if goes_on else self._open_segment()

    def append(self, *step: FeedRecord) -> None:
        """Keep the records, all or none of them. Their numbers must follow the last one; ValueError otherwise."""
        for number, record in enumerate(step, start=self.last_number + 1):
            if record.number != number:
                raise ValueError(f"record {record.number} does not follow {number - 1}")
        self._require_lead()
        self.last_number += len(step)
        self._recent.extend(step)
        self._unwritten.append(step)
        with self._lock:
            self._write_waiting()
        self._grown.set()

    def flush(self) -> None:
        """Force what was appended onto the disk. Blocks for milliseconds: call it off the loop, for many at once."""
        with self._flushing:
            with self._lock:
                self._write_waiting()
                if not self._dirty or self.fault is not None:
                    return
                # A busy disk takes a second for this: whoever appends meanwhile routes calls and must not wait.
                files, self._full, self._dirty = [*self._full, os.dup(self._file)], [], False
            self._force(files)

    def _force(self, files: list[int]) -> None:
        """Everything in these onto the disk; then they are closed."""
        while files:
            try:
                os.fsync(files[0])
            except OSError:
                with self._lock:
                    self._full, self._dirty = [*files, *self._full], True
                raise
            os.close(files.pop(0))

    async def wait_beyond(self, number: int) -> None:
        """Return when there is a record after `number`."""
        while self.last_number <= number:
            self._grown.clear()
            await self._grown.wait()

    def read(self, after_number: int, limit: int | None = None) -> Iterator[FeedRecord]:
        """The records after a number, in order, also those only in memory. A damaged line is logged and left out."""
        recent = list(self._recent)
        if recent and recent[0].number <= after_number + 1:
            return islice((record for record in recent if record.number > after_number), limit)
        return islice(self._read_disk(after_number, recent), limit)

    def release(self, up_to: int) -> None:
        """Delete the segments that hold nothing after `up_to`; the last one stays, for its numbers."""
        segments = self._segments()
        for segment, following in pairwise(segments):
            if int(following.stem) <= up_to + 1:
                segment.unlink(missing_ok=True)

    def close(self) -> None:
        self.flush()
        os.close(self._file)

    def _read_disk(self, after: int, recent: list[FeedRecord]) -> Iterator[FeedRecord]:
        segments = self._segments()
        last = after
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            if following is not None and int(following.stem) <= after + 1:
                continue
            for record in _records(segment):
                if record.number > last:
                    last = record.number
                    yield record
        yield from (record for record in recent if record.number > last)

    def _write_waiting(self) -> None:
        while self._unwritten:
            step = self._unwritten[0]
            try:
                if step[0].number - self._segment_first >= self._segment_records:
                    self._rotate(step[0].number)
                *others, last = step
                self._write(b"".join([*(encode(record, goes_on=True) for record in others), encode(last)]))
            except OSError as fault:
                if self.fault is None:
                    log.error("journal cannot be written, records wait in memory", error=str(fault))
                self.fault = fault
                return
            self._unwritten.popleft()
            self.fault, self._dirty = None, True

    def _rotate(self, first: int) -> None:
        full, self._file = self._file, self._open_segment(first)
        self._full.append(full)

    def _write(self, lines: bytes) -> None:
        end = os.lseek(self._file, 0, os.SEEK_END)
        try:
            written = os.write(self._file, lines)
            while written < len(lines):
                written += os.write(self._file, lines[written:])
        except OSError:
            os.ftruncate(self._file, end)  # half a line would swallow the next record
            raise

    def _segments(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.jsonl") if path.stem.isdigit())

    def _open_segment(self, first: int | None = None) -> int:
        first = first or self.last_number + 1
        opened = os.open(self._folder / f"{first:020d}.jsonl", os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o640)
        self._segment_first = first
        return opened

    def _reopen(self) -> int:
        path = self._segments()[-1]
        self._segment_first = int(path.stem)
        return os.open(path, os.O_RDWR | os.O_APPEND)

    def _repair(self) -> int:
        """Cut off a last step that is not whole; the number of the last record, 0 = none."""
        segments = self._segments()
        if not segments:
            return 0
        content = segments[-1].read_bytes()
        whole = _whole_steps(content)
        if whole < len(content):
            log.warning("journal: torn last step cut off", segment=segments[-1].name, bytes=len(content) - whole)
            os.truncate(segments[-1], whole)
        numbers = [record.number for record in _records(segments[-1])]
        return numbers[-1] if numbers else int(segments[-1].stem) - 1


def _whole_steps(content: bytes) -> int:
    """How many bytes from the beginning are whole steps."""
    end = content.rfind(b"\n") + 1
    while end:
        begin = content.rfind(b"\n", 0, end - 1) + 1
        if not unfinished(content[begin:end]):
            break
        end = begin
    return end


def _records(segment: Path) -> Iterator[FeedRecord]:
    try:
        with segment.open("rb") as lines:
            for line in lines:
                try:
                    yield decode(line)
                except UnreadableRecord as damage:
                    log.error("journal: damaged record left out", segment=segment.name, error=str(damage))
    except FileNotFoundError:
        return  # released while we read: the database has it
