"""Recordings are sent to a server that speaks S3 over HTTP; while it is down they wait, and none is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.history.model import Recording
from crm_core.seals.chain_check import check_chain
from crm_core.seals.model import LeavingFile
from recording.data_keys import DataKeys
from recording.object_store import MARK
from recording.shelving import Shelving
from recording.site_keys import SiteKeys
from recording.vault import SoundAway, SoundMissing, Vault
from tests.empty_databases import sqlite_database
from tests.s3_server import S3Server
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import DAY, a_kept_talk, heard, row_of

BEFORE, WHILE = 3, 5


@pytest.fixture(scope="module")
def server():
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def database(tmp_path):
    database = sqlite_database(tmp_path / "hotline.db")
    yield database
    await database.close()


@pytest.mark.parametrize("down_seconds", [6.0, pytest.param(60.0, marks=pytest.mark.full)])
async def test_a_store_that_is_down_costs_no_recording_and_all_are_sent_when_it_is_back(
    database, server, tmp_path, down_seconds
):
    folder, keys = tmp_path / "recordings", DataKeys(database, SiteKeys(tmp_path / "keys"))
    keys.site.add(BEGAN)
    vault = Vault(folder, store=server.store(seconds=3.0), keys=keys, copies=tmp_path / "copies")
    shelving = Shelving(database, vault, now=lambda: BEGAN + DAY)
    sounds: dict[int, bytes] = {}
    calls = f"{down_seconds:.0f}-"  # both cases share the server

    async def talk(number: int) -> None:
        recording = await a_kept_talk(database, folder, f"{calls}{number}", 0.5, customer=700 + 10 * number)
        sounds[recording] = (folder / (await row_of(database, recording)).file).read_bytes()

    for number in range(BEFORE):
        await talk(number)
    await all_sent(database, shelving)
    assert server.process
    server.process.send_signal(signal.SIGSTOP)
    began, number = time.monotonic(), BEFORE
    while time.monotonic() - began < down_seconds:
        if number < BEFORE + WHILE:
            await talk(number)
            number += 1
        await shelving.sweep()
        await asyncio.sleep(0.2)
    assert number > BEFORE + 1, "calls went on"
    places = await places_of(database)
    assert sorted(places.values()) == [""] * (number - BEFORE) + ["s3"] * BEFORE, "nothing is called sent that is not"
    for recording, place in places.items():
        file = (await row_of(database, recording)).file
        if place:
            with pytest.raises(SoundAway):
                await heard(vault, file)
        else:
            assert await heard(vault, file) == sounds[recording], "what waits can be heard"
    server.process.send_signal(signal.SIGCONT)
    await all_sent(database, shelving)
    assert set((await places_of(database)).values()) == {"s3"}
    assert not [path for path in folder.glob("*/*") if path.suffix != ".json"], "the disk is free again"
    for recording, sound in sounds.items():
        assert await heard(vault, (await row_of(database, recording)).file) == sound
    async with database.begin() as session:
        assert [one async for one in check_chain(session, {})] == []


async def test_a_bucket_that_is_not_there_is_away_and_no_lost_recording(database, server, tmp_path):
    store = server.store(seconds=2.0)
    vault = Vault(tmp_path, store=store, copies=tmp_path / "copies")
    await store.mark()
    await store.put(_file(tmp_path), "20261122/c1-1.flac")
    assert await heard(vault, "20261122/c1-1.flac") == b"sound"
    with pytest.raises(SoundMissing):
        await heard(vault, "20261122/c2-1.flac")
    await store.delete(MARK)  # as in a bucket that is not ours
    with pytest.raises(SoundAway):
        await heard(vault, "20261122/c2-1.flac")


async def all_sent(database, shelving) -> None:
    while "" in (await places_of(database)).values():  # a slow machine answers late now and then
        await shelving.sweep()
    while await leaving(database):
        await shelving.sweep()


async def leaving(database) -> list[LeavingFile]:
    async with database.begin() as session:
        return list(await session.scalars(select(LeavingFile)))


def _file(folder: Path) -> Path:
    path = folder / "sound"
    path.write_bytes(b"sound")
    return path


async def places_of(database) -> dict[int, str]:
    async with database.begin() as session:
        return {row.id: row.place for row in await session.execute(select(Recording.id, Recording.place))}
