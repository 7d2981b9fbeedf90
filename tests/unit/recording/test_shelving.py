"""Finished recordings are encrypted, compressed and sent away, one checked step after the other; nothing is lost."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest
import soundfile
from sqlalchemy import select

from crm_core.retention.holds import hold
from crm_core.retention.settings import save_retention
from crm_core.seals.chain_check import check_chain
from crm_core.seals.model import LeavingFile, RecordingKey
from recording.data_keys import DataKeys
from recording.erasing import erase
from recording.shelving import Shelving
from recording.site_keys import SiteKeys
from recording.vault import SoundAway, SoundDamaged, SoundMissing, Vault
from tests.unit.recording.calls import BEGAN, loudest
from tests.unit.recording.stored_talks import DAY, Shelf, a_kept_talk, heard, row_of, seals_of

FLAC, SECRET, OPUS = "20261122/c1-1.flac", "20261122/c1-1.flac.enc", "20261122/c1-1.opus"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "recordings"


@pytest.fixture
def keys(database, tmp_path):
    return DataKeys(database, SiteKeys(tmp_path / "keys"))


@pytest.fixture
def vault(folder, keys, tmp_path):
    return Vault(folder, keys=keys, copies=tmp_path / "copies")


def shelving(database, vault, at=BEGAN + DAY):
    return Shelving(database, vault, now=lambda: at)


async def compress_after(database, days):
    async with database.begin() as session:
        await save_retention(session, {"days": 0, "compress_days": days}, base=None, actor="9001", at=BEGAN)


async def whole_chain(database):
    async with database.begin() as session:
        return [one async for one in check_chain(session, {})] == []


async def test_without_keys_store_or_a_time_a_recording_stays_as_it_was_packed(database, folder, vault):
    number = await a_kept_talk(database, folder)
    assert await shelving(database, vault).sweep() == 0
    assert (await row_of(database, number)).file == FLAC
    assert (folder / FLAC).stat().st_mode & 0o777 == 0o440


async def test_with_a_key_a_recording_is_encrypted_and_is_heard_as_before(database, folder, vault, keys):
    number = await a_kept_talk(database, folder)
    plain = (folder / FLAC).read_bytes()
    keys.site.add(BEGAN)
    assert await shelving(database, vault).sweep() == 1
    assert not (folder / FLAC).exists()
    stored = (folder / SECRET).read_bytes()
    assert b"fLaC" not in stored
    assert plain[200:400] not in stored
    assert await heard(vault, FLAC) == await heard(vault, SECRET) == plain
    first, second = await seals_of(database, number)
    assert (second.kind, second.replaces, second.plain_sha256) == ("encrypted", first.sha256, first.plain_sha256)
    assert await whole_chain(database)
    assert await shelving(database, vault).sweep() == 0


async def test_without_its_key_or_when_changed_an_encrypted_recording_cannot_be_heard(
    database, folder, vault, keys, tmp_path
):
    await a_kept_talk(database, folder)
    keys.site.add(BEGAN)
    await shelving(database, vault).sweep()
    other = Vault(folder, keys=DataKeys(database, SiteKeys(tmp_path / "others")), copies=tmp_path / "more")
    with pytest.raises(SoundAway):
        await heard(other, FLAC)
    with pytest.raises(SoundAway):
        await heard(Vault(folder, copies=tmp_path / "more"), FLAC)
    stored = bytearray((folder / SECRET).read_bytes())
    stored[100] ^= 1
    (folder / SECRET).chmod(0o600)
    (folder / SECRET).write_bytes(stored)
    with pytest.raises(SoundDamaged):
        await heard(vault, FLAC)


async def test_a_new_key_wraps_all_anew_without_touching_a_file_and_the_old_one_can_go(database, folder, vault, keys):
    await a_kept_talk(database, folder)
    old = keys.site.add(BEGAN)
    await shelving(database, vault).sweep()
    stored = (folder / SECRET).read_bytes()
    new = keys.site.add(BEGAN + DAY)
    assert await keys.counts() == {old.id: 1}
    while await keys.rewrap():
        pass
    assert await keys.counts() == {new.id: 1}
    keys.site.drop(old.id)
    assert (folder / SECRET).read_bytes() == stored
    assert (await heard(vault, FLAC))[:4] == b"fLaC"


async def test_a_recording_is_sent_and_goes_from_the_disk_only_when_the_store_gave_it_back(
    database, folder, keys, tmp_path
):
    shelf = Shelf()
    vault = Vault(folder, store=shelf, keys=keys, copies=tmp_path / "copies")
    number = await a_kept_talk(database, folder)
    plain = (folder / FLAC).read_bytes()
    shelf.spoils = True
    assert await shelving(database, vault).sweep() == 0
    assert (folder / FLAC).exists()
    assert (await row_of(database, number)).place == ""
    shelf.spoils = False
    assert await shelving(database, vault).sweep() == 1
    assert not (folder / FLAC).exists()
    assert (await row_of(database, number)).place == "s3"
    assert shelf[FLAC] == plain == await heard(vault, FLAC)
    assert [one.kind for one in await seals_of(database, number)] == ["kept", "moved"]
    assert await whole_chain(database)


async def test_while_the_store_is_away_recordings_wait_on_the_disk_and_go_later(database, folder, keys, tmp_path):
    shelf = Shelf()
    shelf.away = True
    vault = Vault(folder, store=shelf, keys=keys, copies=tmp_path / "copies")
    numbers = [await a_kept_talk(database, folder, f"c{n}", 0.5) for n in range(1, 4)]
    assert await shelving(database, vault).sweep() == 0
    assert all([(await row_of(database, number)).place == "" for number in numbers])
    assert (await heard(vault, FLAC))[:4] == b"fLaC"
    shelf.away = False
    assert await shelving(database, vault).sweep() == 3
    assert sorted(shelf) == [f"20261122/c{n}-1.flac" for n in range(1, 4)]
    shelf.away = True
    with pytest.raises(SoundAway):
        await heard(vault, FLAC)
    shelf.away = False
    shelf.clear()
    with pytest.raises(SoundMissing):
        await heard(vault, FLAC)


async def test_old_recordings_are_compressed_with_a_seal_that_names_the_old_one_but_held_ones_are_not(
    database, folder, vault
):
    number = await a_kept_talk(database, folder, seconds=6.0, agent=440, customer=880)
    held = await a_kept_talk(database, folder, "c2")
    async with database.begin() as session:
        await hold(session, "c2", "lawsuit 7", actor="9001", at=BEGAN)
    await compress_after(database, 60)
    assert await shelving(database, vault, BEGAN + 59 * DAY).sweep() == 0
    size = (folder / FLAC).stat().st_size
    assert await shelving(database, vault, BEGAN + 61 * DAY).sweep() == 1
    assert (await row_of(database, number)).file == OPUS
    assert (await row_of(database, held)).file == "20261122/c2-1.flac"
    assert not (folder / FLAC).exists()
    assert (folder / OPUS).stat().st_size < size
    samples, rate = soundfile.read(folder / OPUS)
    assert (rate, round(len(samples) / rate, 1)) == (8000, 6.0)
    sides = samples[8000:16000].T
    assert [loudest(side) for side in sides] == [880, 440]
    for side, other in ((0, 440), (1, 880)):  # at least 30 dB apart
        spectrum = np.abs(np.fft.rfft(sides[side]))
        assert spectrum[other] < spectrum.max() / 31
    first, second = await seals_of(database, number)
    assert (second.kind, second.replaces) == ("compressed", first.sha256)
    assert await whole_chain(database)


async def test_what_is_compressed_encrypted_and_sent_goes_through_all_three_and_is_heard(
    database, folder, keys, tmp_path
):
    shelf = Shelf()
    vault = Vault(folder, store=shelf, keys=keys, copies=tmp_path / "copies")
    number = await a_kept_talk(database, folder)
    keys.site.add(BEGAN)
    early, late = shelving(database, vault), shelving(database, vault, BEGAN + 61 * DAY)
    while await early.sweep():
        pass
    assert list(shelf) == [SECRET]
    await compress_after(database, 60)
    while await late.sweep():
        pass
    assert list(shelf) == [f"{OPUS}.enc"]
    assert [one.name for one in (folder / "20261122").iterdir()] == ["c1-1.peaks.json"]
    assert (await heard(vault, FLAC))[:4] == b"OggS"
    kinds = [one.kind for one in await seals_of(database, number)]
    assert kinds == ["kept", "encrypted", "moved", "compressed", "moved"]
    async with database.begin() as session:
        assert list(await session.scalars(select(LeavingFile))) == []


async def test_a_file_that_is_not_what_was_sealed_is_left_for_the_check_to_find(database, folder, vault, keys):
    number = await a_kept_talk(database, folder)
    keys.site.add(BEGAN)
    (folder / FLAC).chmod(0o600)
    (folder / FLAC).write_bytes((folder / FLAC).read_bytes() + b"x")
    assert await shelving(database, vault).sweep() == 0
    assert (await row_of(database, number)).file == FLAC
    assert (folder / FLAC).exists()


async def test_a_kill_between_a_new_form_and_its_seal_costs_nothing(database, folder, vault, keys, monkeypatch):
    number = await a_kept_talk(database, folder)
    plain = (folder / FLAC).read_bytes()
    keys.site.add(BEGAN)

    async def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keys, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            await shelving(database, vault).sweep()
    assert (await row_of(database, number)).file == FLAC
    assert await heard(vault, FLAC) == plain
    assert await shelving(database, vault).sweep() == 1
    assert await heard(vault, FLAC) == plain
    assert not (folder / FLAC).exists()


async def test_a_kill_before_the_old_form_went_is_made_up_for(database, folder, vault, keys, monkeypatch):
    await a_kept_talk(database, folder)
    keys.site.add(BEGAN)

    async def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(vault, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            await shelving(database, vault).sweep()
    assert (folder / FLAC).exists()
    await shelving(database, vault).sweep()
    assert not (folder / FLAC).exists()
    assert (folder / SECRET).exists()


async def test_a_deleted_recording_goes_in_every_form_with_its_key_and_the_chain_says_so(
    database, folder, keys, tmp_path
):
    shelf = Shelf()
    vault = Vault(folder, store=shelf, keys=keys, copies=tmp_path / "copies")
    number = await a_kept_talk(database, folder)
    keys.site.add(BEGAN)
    while await shelving(database, vault).sweep():
        pass
    await heard(vault, FLAC)
    shelf.away = True
    with pytest.raises(SoundAway):
        async with database.begin() as session:
            await erase(session, vault, number, BEGAN + DAY)
    assert (await row_of(database, number)).status == "ready"
    shelf.away = False
    async with database.begin() as session:
        size, digest = await erase(session, vault, number, BEGAN + DAY)
    assert (size, digest) == ((last := (await seals_of(database, number))[-1]).bytes, last.sha256)
    assert last.kind == "deleted"
    assert shelf == {}
    assert list((folder / "20261122").iterdir()) == list((tmp_path / "copies").iterdir()) == []
    async with database.begin() as session:
        assert list(await session.scalars(select(RecordingKey))) == []
    assert await whole_chain(database)


async def test_a_waveform_is_drawn_also_of_an_encrypted_recording(database, folder, vault, keys):
    await a_kept_talk(database, folder)
    keys.site.add(BEGAN)
    await shelving(database, vault).sweep()
    assert len(json.loads(vault.peaks(SECRET).read_text())["customer"]) == 800


async def test_the_volume_that_is_gone_is_waited_for(database, folder, vault, keys):
    await a_kept_talk(database, folder)
    keys.site.add(BEGAN)
    folder.rename(folder.with_name("elsewhere"))
    assert await shelving(database, vault).sweep() == 0
    with pytest.raises(SoundAway):
        await heard(vault, FLAC)
    folder.with_name("elsewhere").rename(folder)
    assert await shelving(database, vault, BEGAN + timedelta(days=2)).sweep() == 1
