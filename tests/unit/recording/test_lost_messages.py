"""A sound of a voice message that nothing told of is found, and becomes work; what is being spoken is left alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from crm_core.access.model import User
from crm_core.callbacks.model import VoiceMessage
from crm_core.db import Database
from crm_core.history.model import Contact, Recording
from crm_core.jobs.runner import Due
from crm_core.notices.model import WorkNotice
from recording.lost_messages import EVERY, SEARCH, message_search, sounds_left
from recording.storage import RecordingKeeper

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
JOB = Due(kind=SEARCH, key="site", due_at=AT, payload={})


def spoken(folder: Path, call: str, *, seconds: float = 6.0, ago: float = 600.0, day: str = "20261122") -> Path:
    path = folder / day / f"{call}-m.sln"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x10\x00" * int(seconds * 8000))
    os.utime(path, (AT.timestamp() - ago,) * 2)
    return path


async def search(database: Database, folder: Path) -> None:
    async with database.begin() as session:
        assert await message_search(folder)(session, JOB, AT) == AT + EVERY


async def test_a_message_whose_end_nobody_told_becomes_work_and_the_supervisor_hears_of_it(database, tmp_path):
    spoken(tmp_path, "1795316400.7")
    began = AT - timedelta(minutes=12)
    async with database.begin() as session:
        session.add(User(number="3001", name="主管", name_en="", roles="supervisor", password_hash=""))
        session.add(
            Contact(
                id="1795316400.7", direction="inbound", caller="+8613843107706", queue="repair", started_at=began,
                ended_at=AT - timedelta(minutes=9), outcome="lost",
            )
        )  # fmt: skip
    await search(database, tmp_path)
    await search(database, tmp_path)
    async with database.begin() as session:
        message = await session.get_one(VoiceMessage, "1795316400.7")
        assert (message.queue, message.caller, message.found) == ("repair", "+8613843107706", True)
        assert message.left_at == AT - timedelta(minutes=10)
        assert [one.kind for one in await session.scalars(select(WorkNotice))] == ["found"]
    await RecordingKeeper(database, tmp_path, clock=AT.timestamp).sweep()
    async with database.begin() as session:
        sound = await session.scalar(select(Recording))
        assert (sound.status, round(sound.seconds)) == ("ready", 6)


async def test_a_sound_whose_contact_is_not_known_either_is_kept_all_the_same(database, tmp_path):
    spoken(tmp_path, "1795316400.9")
    await search(database, tmp_path)
    async with database.begin() as session:
        contact = await session.get_one(Contact, "1795316400.9")
        assert (contact.outcome, contact.estimated) == ("voicemail", True)
        assert await session.scalar(select(func.count()).select_from(VoiceMessage)) == 1


def test_a_message_that_is_being_spoken_is_left_alone_and_so_is_what_is_no_message(tmp_path):
    spoken(tmp_path, "c-1", ago=30)
    spoken(tmp_path, "c-2", seconds=0.5)
    spoken(tmp_path, "c-3", day="20261101")
    (tmp_path / "20261122" / "c-4-1.raw").write_bytes(b"\0" * 90_000)
    (tmp_path / "20261122" / "..%2f-m.sln").write_bytes(b"\0" * 90_000)
    assert list(sounds_left(tmp_path, AT)) == []
    spoken(tmp_path, "c-5")
    assert [one.call for one in sounds_left(tmp_path, AT)] == ["c-5"]
