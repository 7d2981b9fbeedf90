"""Every talk's recording is finished once, also over restarts, full disks and a slow database."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_core.history.events import EndedBy, FeedRecord, TalkEnded
from crm_core.history.model import Contact, Leg, Recording
from recording.files import file_below
from recording.raw_audio import keep, kept_path
from recording.storage import RecordingKeeper
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk


def after(seconds):
    return BEGAN + timedelta(seconds=seconds)


def keeper(database, folder, *, now=100.0, **options):
    return RecordingKeeper(database, folder, clock=lambda: after(now).timestamp(), **options)


async def add(database, *rows):
    async with database.begin() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def recording(database):
    async with database.begin() as session:
        return (await session.scalars(select(Recording))).one()


async def test_a_finished_talk_is_kept_and_its_row_says_ready(database, tmp_path):
    raw = raw_talk(tmp_path / "20261122/c1-1.raw", 4.0)
    await add(database, *rows_of_talk(ended=after(4)))
    assert await keeper(database, tmp_path).sweep() == 1
    row = await recording(database)
    assert (row.status, row.seconds, row.file) == ("ready", 4.0, "20261122/c1-1.flac")
    assert kept_path(raw).exists()
    assert not raw.exists()
    assert await keeper(database, tmp_path).sweep() == 0


async def test_a_running_talk_and_one_that_just_ended_are_left_alone(database, tmp_path):
    raw = raw_talk(tmp_path / "20261122/c1-1.raw")
    await add(database, *rows_of_talk())
    assert await keeper(database, tmp_path).sweep() == 0
    async with database.begin() as session:
        (await session.get(Leg, "c1-1")).ended_at = after(99)
    assert await keeper(database, tmp_path, now=100.9).sweep() == 0
    assert await keeper(database, tmp_path, now=101).sweep() == 1
    assert not raw.exists()


async def test_a_leg_that_was_never_closed_is_finished_when_its_contact_is(database, tmp_path):
    raw_talk(tmp_path / "20261122/c1-1.raw")
    await add(database, *rows_of_talk())
    async with database.begin() as session:
        (await session.get(Contact, "c1")).ended_at = after(50)
    await keeper(database, tmp_path).sweep()
    assert (await recording(database)).status == "ready"


async def test_a_talk_without_a_file_is_told_as_missing(database, tmp_path):
    await add(database, *rows_of_talk(ended=after(4)))
    await keeper(database, tmp_path).sweep()
    row = await recording(database)
    assert (row.status, row.seconds) == ("missing", None)


async def test_a_file_much_shorter_than_the_talk_is_told_as_cut(database, tmp_path):
    raw_talk(tmp_path / "20261122/c1-1.raw", 4.0)
    await add(database, *rows_of_talk(ended=after(60)))
    await keeper(database, tmp_path).sweep()
    row = await recording(database)
    assert (row.status, row.seconds) == ("cut", 4.0)


async def test_a_folder_that_is_not_mounted_makes_no_recording_missing(database, tmp_path):
    await add(database, *rows_of_talk(ended=after(4)))
    assert await keeper(database, tmp_path / "disk").sweep() == 0
    raw_talk(tmp_path / "disk/20261122/c1-1.raw")
    assert await keeper(database, tmp_path / "disk").sweep() == 1
    assert (await recording(database)).status == "ready"


async def test_one_file_that_cannot_be_kept_does_not_hold_up_the_next(database, tmp_path):
    (tmp_path / "20261122/c1-1.flac").mkdir(parents=True)  # nothing can be written there
    raw_talk(tmp_path / "20261122/c1-1.raw")
    raw_talk(tmp_path / "20261122/c2-1.raw")
    await add(database, *rows_of_talk("c1-1", ended=after(4)), *rows_of_talk("c2-1", ended=after(4)))
    assert await keeper(database, tmp_path).sweep() == 1
    assert (tmp_path / "20261122/c1-1.raw").exists()
    (tmp_path / "20261122/c1-1.flac").rmdir()
    assert await keeper(database, tmp_path).sweep() == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "20261122/../x.raw", "/etc/passwd", "20261122/a b.raw", ""])
def test_a_name_that_is_not_ours_is_no_file(tmp_path, name):
    assert file_below(tmp_path, name) is None


async def test_a_talk_ends_on_the_feed_and_its_recording_is_finished(database, tmp_path):
    raw_talk(tmp_path / "20261122/c1-1.raw")
    await add(database, *rows_of_talk())
    records = asyncio.Queue()
    async with running(database, tmp_path, records) as finished:
        async with database.begin() as session:
            (await session.get(Leg, "c1-1")).ended_at = after(4)
        ended = TalkEnded(at=after(4).timestamp(), call="c1", leg="c1-1", agent="1018", by=EndedBy.CUSTOMER)
        records.put_nowait(FeedRecord(1, ended))
        assert await finished.get() == "ready"


async def test_what_ended_while_the_platform_was_down_is_finished_at_its_start(database, tmp_path):
    left_over = raw_talk(tmp_path / "20261122/c9-1.raw")  # kept, and the row written, but killed before the end
    keep(left_over)
    half = tmp_path / "20261122/.c8-1.flac.part"
    half.write_bytes(b"half")
    raw_talk(tmp_path / "20261122/c1-1.raw")
    live = raw_talk(tmp_path / "20261122/c7-1.raw")
    await add(database, *rows_of_talk(ended=after(4)), *rows_of_talk("c7-1"))
    async with running(database, tmp_path, asyncio.Queue()) as finished:
        assert await finished.get() == "ready"
    assert not left_over.exists()
    assert not half.exists()
    assert live.exists()


@asynccontextmanager
async def running(database, folder, records):
    """A keeper that follows `records`; gives the queue of the statuses it writes."""
    finished = asyncio.Queue()
    options = {"settle_seconds": 0.01, "on_finished": lambda _, status: finished.put_nowait(status)}
    async with asyncio.timeout(10):
        task = asyncio.create_task(keeper(database, folder, **options).run(lambda: subscription(records)))
        yield finished
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def subscription(records):
    async def follow():
        while True:
            yield await records.get()

    yield follow()
