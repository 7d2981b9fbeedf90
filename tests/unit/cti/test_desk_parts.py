"""Numbers that may be called, timers, and the numbered feed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from crm_core.history import events as feed
from crm_core.history.events import FeedRecord
from cti import feed as feed_module
from cti.feed import Feed
from cti.outgoing import NumberNotAllowed, NumberNotDialable, dialable
from cti.timers import Timers


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("138 1234 5678", "8613812345678"),
        ("+86 138-1234-5678", "8613812345678"),
        ("0086 13812345678", "8613812345678"),
        ("(0431) 8590-1234", "8643185901234"),
        ("010 65001234", "861065001234"),
        ("010-8888 0001", "861088880001"),
    ],
)
def test_chinese_numbers_may_be_typed_as_people_write_them(typed: str, dialled: str) -> None:
    assert dialable(typed, ("86",)) == dialled


@pytest.mark.parametrize(
    "typed",
    ["110", "120", "119", "12345", "95588", "10086", "10810", "+86 108 888 10", "+44 20 7946 0000", "0016500000000"],
)
def test_emergency_service_and_foreign_numbers_are_denied(typed: str) -> None:
    with pytest.raises(NumberNotAllowed):
        dialable(typed, ("86",))


@pytest.mark.parametrize("typed", ["", "abc", "13812345678\nExten: 1", "1" * 40, "*67", "+86", "+0123456789"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises((NumberNotDialable, NumberNotAllowed)):
        dialable(typed, ("86",))


def test_nothing_may_be_called_until_a_prefix_allows_it() -> None:
    with pytest.raises(NumberNotAllowed):
        dialable("13812345678", ())


def test_a_timer_that_is_set_again_fires_once_at_its_new_time() -> None:
    timers = Timers()
    timers.start("wrap", "1018", 10.0)
    timers.start("ring", "c1", 11.0)
    timers.start("wrap", "1018", 12.0)
    timers.start("gone", "x", 5.0)
    timers.cancel("gone", "x")
    assert timers.next_due() == 11.0
    assert timers.take_due(11.5) == [("ring", "c1")]
    assert timers.take_due(20.0) == [("wrap", "1018")]
    assert timers.next_due() is None


class Journal:
    """A journal in memory."""

    def __init__(self, last_number: int = 0) -> None:
        self.last_number = last_number
        self.records: list[FeedRecord] = []
        self.steps: list[int] = []

    def append(self, *step: FeedRecord) -> None:
        assert [record.number for record in step] == [self.last_number + 1 + place for place in range(len(step))]
        self.last_number += len(step)
        self.records += step
        self.steps.append(len(step))

    def flush(self) -> None:
        return

    def read(self, after_number: int, limit: int | None = None) -> Iterator[FeedRecord]:
        return (record for record in self.records if record.number > after_number)

    def close(self) -> None:
        return


def link(at: float) -> feed.TelephonyLinkChanged:
    return feed.TelephonyLinkChanged(at=at, connected=True)


async def test_what_one_step_publishes_is_written_at_once_and_read_after_it() -> None:
    journal = Journal(41)
    source = Feed(journal)
    async with source.follow() as reader:
        with source.together():
            source.publish(link(0))
            with source.together():
                assert source.publish(link(1)).number == 43
            assert (source.number, journal.records) == (43, [])
        source.publish(link(2))
        assert [record.number for record in reader.take()] == [42, 43, 44]
    assert journal.steps == [2, 1]


def test_a_step_that_fails_keeps_what_it_had_published() -> None:
    journal = Journal()
    source = Feed(journal)

    def fail_half_way() -> None:
        with source.together():
            source.publish(link(0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert journal.steps == [1]


def test_a_step_that_cannot_be_written_stops_no_routing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_journal: Journal, *_step: FeedRecord) -> None:
        raise TypeError("no line can be made of it")

    source = Feed(Journal())
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", refuse)
        with source.together():
            source.publish(link(0))
    with source.together():
        assert source.publish(link(1)).number == 1


async def test_every_reader_gets_every_record_in_order_from_where_it_began() -> None:
    source = Feed(Journal(41))
    source.publish(link(0))
    async with source.follow() as early:
        source.publish(link(1))
        async with source.follow() as late:
            source.publish(link(2))
        heard = []
        async with asyncio.timeout(5):
            async for record in early:
                heard.append(record.number)
                if len(heard) == 2:
                    break
    assert heard == [43, 44]
    assert late.closed
    assert [record.number for record in source.since(42)] == [43, 44]


async def test_a_reader_that_cannot_follow_is_closed_and_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "READER_LIMIT", 3)
    source = Feed(Journal())
    async with source.follow() as slow:
        for n in range(5):
            source.publish(link(n))
        async with asyncio.timeout(5):
            assert [record.number async for record in slow] == []
    assert source.number == 5
