"""The feed on disk outlives kills, torn lines, full disks and a lost folder."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
from dataclasses import fields
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.history import events
from crm_core.history.codec import TYPES, UnreadableRecord, decode, encode
from crm_core.history.events import FeedRecord
from crm_core.history.journal import Journal
from tests.unit.crm_core.builders import an_answered_call, numbered

EVENT = events.TelephonyLinkChanged(at=1.0, connected=True)


def _filled(folder: Path, count: int = 12, **more: Any) -> Journal:
    journal = Journal(folder, **more)
    for record in numbered(*(an_answered_call() * 50)[:count]):
        journal.append(record)
    return journal


def test_what_was_appended_is_read_back_in_order(tmp_path: Path):
    journal = _filled(tmp_path)
    assert list(journal.read(0)) == numbered(*an_answered_call())
    assert [record.number for record in journal.read(9)] == [10, 11, 12]
    assert [record.number for record in journal.read(0, 2)] == [1, 2]


def test_a_killed_process_loses_nothing_and_the_numbers_go_on(tmp_path: Path):
    written = list(_filled(tmp_path).read(0))  # no close, no flush: as after kill -9

    journal = Journal(tmp_path)

    assert journal.last_number == 12
    assert list(journal.read(0)) == written
    journal.append(FeedRecord(13, events.TelephonyLinkChanged(at=1.0, connected=True)))
    assert [record.number for record in journal.read(11)] == [12, 13]


def test_a_torn_last_line_is_cut_off(tmp_path: Path):
    _filled(tmp_path).close()
    (segment,) = tmp_path.glob("*.jsonl")
    os.truncate(segment, segment.stat().st_size - 7)

    journal = Journal(tmp_path)

    assert journal.last_number == 11
    journal.append(FeedRecord(12, events.TelephonyLinkChanged(at=1.0, connected=True)))
    assert [record.number for record in Journal(tmp_path).read(0)] == list(range(1, 13))


@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=6), torn=st.data())
def test_killed_at_any_byte_each_step_is_there_whole_or_not_at_all(sizes: list[int], torn: st.DataObject):
    with TemporaryDirectory() as name:
        folder, journal = Path(name), Journal(Path(name))
        ends, records = [0], iter(numbered(*(an_answered_call() * 3)))
        for size in sizes:
            journal.append(*islice(records, size))
            ends.append(journal.last_number)
        journal.close()
        (segment,) = folder.glob("*.jsonl")
        content = segment.read_bytes()
        left = torn.draw(st.integers(0, len(content)), label="bytes that were written")
        os.truncate(segment, left)

        after = Journal(folder)

        written = content[:left].count(b"\n")
        assert after.last_number == max(end for end in ends if end <= written)
        assert [record.number for record in after.read(0)] == list(range(1, after.last_number + 1))
        after.close()


def test_a_step_is_not_divided_among_two_segments(tmp_path: Path):
    journal = Journal(tmp_path, segment_records=3)
    records = iter(numbered(*an_answered_call()))
    for size in (2, 4, 2):
        journal.append(*islice(records, size))
    assert [int(path.stem) for path in sorted(tmp_path.glob("*.jsonl"))] == [1, 7]


def test_a_damaged_line_in_the_middle_is_left_out(tmp_path: Path):
    _filled(tmp_path).close()
    (segment,) = tmp_path.glob("*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[4] = b'{"n":5,"e":"CallQueued"' + b"\xff\n"
    segment.write_bytes(b"".join(lines))

    assert [record.number for record in Journal(tmp_path).read(0)] == [1, 2, 3, 4, *range(6, 13)]


def test_written_segments_are_deleted_but_the_number_is_kept(tmp_path: Path):
    journal = _filled(tmp_path, 35, segment_records=10)
    assert len(list(tmp_path.glob("*.jsonl"))) == 4

    journal.release(25)

    assert len(list(tmp_path.glob("*.jsonl"))) == 2
    journal.release(35)
    assert Journal(tmp_path).last_number == 35
    assert [record.number for record in Journal(tmp_path, segment_records=10).read(30)] == list(range(31, 36))


def test_a_lost_folder_does_not_make_numbers_start_again(tmp_path: Path):
    journal = Journal(tmp_path, after=500)
    journal.append(FeedRecord(501, events.TelephonyLinkChanged(at=1.0, connected=True)))
    assert [record.number for record in Journal(tmp_path, after=500).read(500)] == [501]


def test_a_number_that_does_not_follow_is_refused(tmp_path: Path):
    journal = _filled(tmp_path)
    with pytest.raises(ValueError, match="does not follow"):
        journal.append(FeedRecord(14, events.TelephonyLinkChanged(at=1.0, connected=True)))


def test_when_the_disk_is_full_records_wait_in_memory_and_are_written_later(tmp_path: Path):
    journal = _filled(tmp_path, 3)
    (segment,) = tmp_path.glob("*.jsonl")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (segment.stat().st_size + 40, hard))
    try:
        for record in numbered(*an_answered_call()[3:6], first=4):
            journal.append(record)
        assert journal.fault is not None
        assert [record.number for record in journal.read(0)] == [1, 2, 3, 4, 5, 6]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal.flush()
    assert journal.fault is None
    assert [record.number for record in Journal(tmp_path).read(0)] == [1, 2, 3, 4, 5, 6]


def test_who_appends_does_not_wait_for_a_disk_that_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A call's next step was once as late as the disk: the record waited for the flush of those before it."""
    journal = Journal(tmp_path, segment_records=3)
    reached, go_on, forced = threading.Event(), threading.Event(), []

    def slowly(file: int) -> None:
        forced.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        reached.set()
        assert go_on.wait(10)

    monkeypatch.setattr(os, "fsync", slowly)
    journal.append(FeedRecord(1, EVENT))
    flushing = threading.Thread(target=journal.flush)
    flushing.start()
    assert reached.wait(10)
    for number in range(2, 6):  # over the end of a segment, too
        journal.append(FeedRecord(number, EVENT))
    go_on.set()
    flushing.join(10)
    journal.flush()
    assert [record.number for record in Journal(tmp_path).read(0)] == [1, 2, 3, 4, 5]
    assert {Path(file).name for file in forced} == {path.name for path in tmp_path.glob("*.jsonl")}


def test_a_flush_that_fails_is_made_up_for_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal, forced = Journal(tmp_path), []

    def broken(_file: int) -> None:
        raise OSError("no")

    journal.append(FeedRecord(1, EVENT))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="no"):
            journal.flush()
    monkeypatch.setattr(os, "fsync", forced.append)
    journal.flush()
    assert forced


async def test_a_reader_is_woken_by_the_next_record(tmp_path: Path):
    journal = _filled(tmp_path)
    waiting = asyncio.create_task(journal.wait_beyond(12))
    await asyncio.sleep(0)
    assert not waiting.done()
    journal.append(FeedRecord(13, events.TelephonyLinkChanged(at=1.0, connected=True)))
    await asyncio.wait_for(waiting, 5)


_IDS = st.integers(-(2**63), 2**63 - 1)  # as a database's: no id is wider
_NUMBERS = {"matches": st.lists(_IDS).map(tuple), "customer_id": st.none() | _IDS}


@st.composite
def _any_event(draw: st.DrawFn) -> events.HistoryEvent:
    kind = draw(st.sampled_from(sorted(TYPES.values(), key=lambda known: known.__name__)))
    numbers = {field.name: _IDS for field in fields(kind) if field.type == "int"}
    numbers |= {field.name: st.floats(-4e9, 4e9) for field in fields(kind) if field.type == "float"}
    numbers |= {field.name: _NUMBERS[field.name] for field in fields(kind) if field.name in _NUMBERS}
    return draw(st.builds(kind, **numbers))


@settings(deadline=None)
@given(_any_event(), st.integers(1, 2**53))
def test_every_event_comes_back_as_it_was_written(event: events.HistoryEvent, number: int):
    line = encode(FeedRecord(number, event))
    assert line.count(b"\n") == 1
    assert decode(line) == FeedRecord(number, event)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_damage_breaks_the_reader(line: bytes):
    with pytest.raises(UnreadableRecord):
        decode(line)


def test_text_without_a_utf8_form_is_replaced_not_refused():
    event = events.CallQueued(at=1.0, call="c1", queue="re\ud800pair")
    assert decode(encode(FeedRecord(1, event))).event == events.CallQueued(at=1.0, call="c1", queue="re?pair")


def test_after_a_leader_that_may_still_write_numbers_are_left_out_and_its_last_records_collide_with_none(
    tmp_path: Path,
):
    former = _filled(tmp_path)
    journal = Journal(tmp_path, skip=100)
    former.append(FeedRecord(13, EVENT))  # by a process that did not know yet
    journal.append(FeedRecord(113, EVENT))
    assert [record.number for record in Journal(tmp_path).read(11)] == [12, 13, 113]


def test_a_process_that_no_longer_leads_writes_nothing(tmp_path: Path):
    class Ended(BaseException):
        """As the process ends in the question."""

    def ended() -> None:
        raise Ended

    journal = Journal(tmp_path, require_lead=ended)
    with pytest.raises(Ended):
        journal.append(FeedRecord(1, EVENT))
    assert list(Journal(tmp_path).read(0)) == []
