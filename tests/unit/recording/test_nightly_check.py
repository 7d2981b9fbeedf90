"""Every night the recordings are checked; people hear of what is wrong, and whoever asks has everything read."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from crm_core.access.model import AuditEntry, User
from crm_core.history.model import Recording
from crm_core.notices.model import WorkNotice
from crm_core.seals import checks
from crm_core.seals.chain_check import anchors_of
from crm_core.seals.model import RecordingSeal, SealCheck
from recording.nightly_check import NightlyCheck
from recording.raw_audio import discard, keep
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk
from tests.unit.recording.stored_talks import a_kept_talk

ZONE = ZoneInfo("Asia/Shanghai")
AT_NIGHT = datetime(2026, 12, 3, 4, 21, tzinfo=ZONE)
FLAC = "20261122/c1-1.flac"


@pytest.fixture
async def folder(database, tmp_path):
    folder = tmp_path / "recordings"
    await a_kept_talk(database, folder)
    async with database.begin() as session:
        for number, role in (("2001", "supervisor"), ("9001", "administrator"), ("1018", "agent")):
            session.add(User(number=number, name=number, password_hash="x", roles=role))
    return folder


def nightly(database, folder, at=AT_NIGHT):
    return NightlyCheck(database, Vault(folder), ZONE, now=lambda: at)


async def told(database):
    async with database.begin() as session:
        return sorted((one.number, one.kind) for one in await session.scalars(select(WorkNotice)))


async def test_a_night_with_nothing_wrong_leaves_the_chains_end_in_the_audit_log(database, folder):
    assert await nightly(database, folder, AT_NIGHT - timedelta(minutes=5)).look() == ""
    assert await nightly(database, folder).look() == "whole"
    assert await nightly(database, folder).look() == "", "once a night"
    assert await nightly(database, folder, AT_NIGHT + timedelta(days=1)).look() == "whole"
    async with database.begin() as session:
        seal = await session.get_one(RecordingSeal, 1)
        assert await anchors_of(session) == {1: seal.hash}
        assert await checks.alarm(session) is None
    assert await told(database) == []


async def test_what_is_wrong_is_told_to_supervisors_and_administrators(database, folder):
    (folder / FLAC).unlink()
    assert await nightly(database, folder).look() == "broken"
    assert await told(database) == [("2001", "broken"), ("9001", "broken")]
    async with database.begin() as session:
        check = (await checks.latest(session))[0]
        assert (check.state, check.found) == ("broken", 1)
        assert await checks.alarm(session) is check
        assert [(one.kind, one.name) for one in await checks.findings(session, check.id)] == [("missing", FLAC)]
        assert "recordings_broken" in list(await session.scalars(select(AuditEntry.action)))


async def test_a_volume_that_is_gone_at_night_is_told_as_such(database, folder):
    folder.rename(folder.with_name("gone"))
    assert await nightly(database, folder).look() == "away"
    assert await told(database) == [("2001", "away"), ("9001", "away")]


async def test_every_file_is_read_once_a_week_and_at_once_for_who_asks(database, folder):
    (folder / FLAC).chmod(0o600)
    content = bytearray((folder / FLAC).read_bytes())
    content[-20] ^= 1
    (folder / FLAC).write_bytes(content)
    states = [await nightly(database, folder, AT_NIGHT + timedelta(days=day)).look() for day in range(7)]
    assert sorted(states) == ["broken"] + ["whole"] * 6
    async with database.begin() as session:
        asked = await checks.ask(session, actor="2001", at=AT_NIGHT)
        assert (await checks.ask(session, actor="9001", at=AT_NIGHT)).id == asked.id
    assert await nightly(database, folder, AT_NIGHT - timedelta(hours=3)).look() == "broken"


async def test_a_check_that_a_kill_ended_is_done_anew(database, folder):
    async with database.begin() as session:
        session.add(SealCheck(began_at=BEGAN, by="2001", state="running"))
    async with database.begin() as session:
        await checks.put_back(session)
    assert await nightly(database, folder, AT_NIGHT - timedelta(hours=3)).look() == "whole"


async def test_recordings_from_before_there_were_seals_are_sealed_once_and_later_ones_without_are_findings(
    database, folder
):
    async def old_talk(call, began):
        raw = raw_talk(folder / f"20261122/{call}-1.raw", 0.5)
        assert keep(raw)
        discard(raw)
        contact, leg, recording = rows_of_talk(f"{call}-1", began=began, ended=began)
        recording.status, recording.file = "ready", f"20261122/{call}-1.flac"
        async with database.begin() as session:
            session.add(contact)
            await session.flush()
            session.add_all([leg, recording])

    await old_talk("old", BEGAN - timedelta(days=9))
    folder.rename(folder.with_name("gone"))
    assert await nightly(database, folder, AT_NIGHT - timedelta(days=1)).look() == "away"
    folder.with_name("gone").rename(folder)
    assert await nightly(database, folder).adopt() == 1
    assert await nightly(database, folder).look() == "whole"
    await old_talk("new", BEGAN - timedelta(days=8))
    assert await nightly(database, folder).adopt() == 0
    async with database.begin() as session:
        await session.execute(update(Recording).values(seconds=1))
    assert await nightly(database, folder, AT_NIGHT + timedelta(days=1)).look() == "broken"
